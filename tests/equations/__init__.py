"""The equations of the book, read from its pages and evaluated."""
