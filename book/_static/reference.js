// The reference was one page once. An address of then, api.html#cnnlab.fast.conv2d, is led on to
// the page on which that name is described today; the list of names says which.
(() => {
  const list = [...document.querySelectorAll(".names a[href*='#']")];
  const name = decodeURIComponent(location.hash.slice(1));
  if (list.length === 0 || !name || document.getElementById(name)) return;

  const pages = new Map(list.map((a) => [a.hash.slice(1), a.href.split("#")[0]]));
  // Loops are listed, twins and loops without options stand beside them; methods with their class.
  let known = name.replace(/^cnnlab\.(fast|reference\.plain)\./, "cnnlab.reference.");
  while (known && !pages.has(known)) known = known.slice(0, Math.max(0, known.lastIndexOf(".")));
  if (known) location.replace(`${pages.get(known)}#${name}`);
})();
