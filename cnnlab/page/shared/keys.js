// Where a key leads in a grid, from an entry: to [row, column], or null if it is none of the grid's.
const keyTarget = ({ key, ctrlKey, metaKey, altKey }, [row, column], [rows, columns]) => {
  const all = ctrlKey || metaKey;
  const to = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [all ? 0 : row, 0],
    End: [all ? rows - 1 : row, columns - 1],
    Enter: [row, column],
    " ": [row, column],
  }[key];
  return to && !altKey ? [clamp(to[0], rows), clamp(to[1], columns)] : null;
};
