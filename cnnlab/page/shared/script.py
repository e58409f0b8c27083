"""Put files of scripts into one."""

from cnnlab.page.part import file_text

#: The shared files, in an order in which each finds what it uses.
NAMES = tuple(f"shared/{name}.js" for name in ("arrays", "numbers", "signed", "keys", "announce"))


def script(*names: str) -> str:
    """Return files as one script that declares nothing for other scripts of the page.

    Parameters
    ----------
    *names : str
        Paths inside ``cnnlab/page``, in their order.

    Returns
    -------
    text : str
        JavaScript.
    """
    return f'(() => {{\n"use strict";\n{"".join(map(file_text, names))}}})();\n'
