r"""Read the LaTeX of the book: text -> tokens -> trees.

Only what the book writes is understood. A tree is made of `Node`s, and `show` prints it again:

    >>> show(read(r"Y[k,i,j] = f(Z[k,i,j])"))
    'Y[k,i,j] = f(Z[k,i,j])'

| kind      | value     | children                          | example                          |
| --------- | --------- | --------------------------------- | -------------------------------- |
| group     |           | statements                        | what stands between two `$$`     |
| statement | words     | chain, then a condition per word  | `A = B \\ \text{for } 0 \le i<n` |
| chain     | relations | sides, one more than relations    | `A = B \le C`                    |
| number    | its text  |                                   | `0.25`                           |
| name      | its name  |                                   | `\delta`, `M'`, `w_1`, `\tilde c` |
| at        |           | array, then its indices           | `X[c,p,q]`, `x_r`                |
| d         |           | above, below                      | `\frac{\partial L}{\partial Z}`  |
| sum       | letter    | (first, last, body) or (body,)    | `\sum_{i=0}^{I-1} x[i]`          |
| max       |           | conditions, then the body         | `\max_{0 \le u < m} X[u]`        |
| call      | function  | arguments                         | `\sigma(z)`, `\lfloor x \rfloor` |
| true      |           | chain: 1 where it holds, else 0   | `[o = \ell_s]`                   |
| cases     |           | value, condition, value, ...      | `\begin{cases} ...`              |
| matrix    | columns   | entries                           | `\begin{pmatrix} ...`            |
| tuple     |           | entries                           | `(1, 2, 3)`                      |
| + - * / ^ |           | terms (`-` has one)               |                                  |
| star conv mod |       | two operands                      | `T \star X`, `A * T`, `a \bmod b`|
"""

from typing import NamedTuple

from equations.tokens import BRACKETS, RELATIONS, Token, parts, tokens


class Node(NamedTuple):
    kind: str
    value: object = None
    children: tuple = ()


class LatexError(Exception):
    """The text is none of what this parser reads."""


ACCENTS = {"\\hat": "hat ", "\\bar": "bar ", "\\tilde": "~"}
# What takes the bracket behind it for its argument; behind any other name it is a factor.
FUNCTIONS = {"f", "f'", "f''", "f'''", "sigma", "sigma'", "tanh", "tanh'", "pi", "r"}
PARTS = {"Re", "Im"}  # functions that need no brackets
OPERATORS = {"\\log": "log", "\\cos": "cos", "\\mathexp": "exp"}


def read(text):
    """Read what stands between two `$$`: statements, each with its conditions."""
    statements = []
    for word, part in parts(tokens(text)):
        chain = Parser(part).whole()
        if word is None:
            statements.append(Node("statement", (), (chain,)))
        elif not statements:
            raise LatexError("a condition of nothing")
        else:
            last = statements.pop()
            statements.append(Node("statement", (*last.value, word), (*last.children, chain)))
    return Node("group", None, tuple(statements))


# --- Expressions --------------------------------------------------------------


class Parser:
    """Recursive descent: one method for each level of binding, the loosest first."""

    def __init__(self, stream):
        self.stream = list(stream)
        self.place = 0

    # The reading head.

    def peek(self, ahead=0):
        place = self.place + ahead
        return self.stream[place] if place < len(self.stream) else Token("end", "", False)

    def at(self, *texts):
        return self.peek().kind == "sign" and self.peek().text in texts

    def next(self):
        self.place += 1
        return self.stream[self.place - 1]

    def take(self, text):
        if not self.at(text):
            rest = " ".join(token.text for token in self.stream[self.place : self.place + 6])
            raise LatexError(f"{text} expected before: {rest}")
        return self.next()

    def skip(self, text):
        return bool(self.at(text) and self.next())

    def whole(self):
        node = self.chain()
        if self.peek().kind != "end":
            rest = " ".join(token.text for token in self.stream[self.place : self.place + 6])
            raise LatexError(f"cannot go on at: {rest}")
        return node

    # The levels.

    def chain(self):
        sides, relations = [self.sum()], []
        while self.at(*RELATIONS):
            relations.append(self.next().text)
            sides.append(self.sum())
        return Node("chain", tuple(relations), tuple(sides)) if relations else sides[0]

    def sum(self):
        terms = []
        while True:
            minus = self.skip("-")
            if not minus and not self.skip("+") and terms:
                break
            term = self.product()
            terms.append(Node("-", None, (term,)) if minus else term)
        return terms[0] if len(terms) == 1 else Node("+", None, tuple(terms))

    def product(self):
        left = self.factor()
        while True:
            if self.skip("/"):
                left = Node("/", None, (left, self.factor()))
            elif self.skip("\\star"):
                left = Node("star", None, (left, self.factor()))
            elif self.skip("*"):
                left = Node("conv", None, (left, self.factor()))
            elif self.skip("\\bmod"):
                left = Node("mod", None, (left, self.factor()))
            elif self.skip("\\cdot") or self.starts_factor():
                right = self.factor()
                factors = left.children if left.kind == "*" else (left,)
                left = Node("*", None, (*factors, right))
            else:
                return left

    def starts_factor(self):
        token = self.peek()
        if token.kind == "sign":
            opening = {"(", "[", "{", "\\frac", "\\sum", "\\sqrt", "\\partial", "\\max", "\\min"}
            opening |= {*OPERATORS, *BRACKETS, *ACCENTS}
            return token.text in opening or token.text.startswith("\\begin")
        return token.kind in ("name", "number")

    def factor(self):
        if self.skip("-"):
            return Node("-", None, (self.factor(),))
        node = self.atom()
        while self.at("["):
            if not (self.peek().glued and self.peek(-1).text in ")" and node.kind != "tuple"):
                break
            node = Node("at", None, (node, *self.listed("[", "]")))
        while self.skip("^"):
            exponent = self.argument()
            if node == Node("name", "e"):
                node = Node("call", "exp", (exponent,))
            else:
                node = Node("^", None, (node, exponent))
        return node

    def atom(self):
        token = self.peek()
        if token.kind == "number":
            return Node("number", self.next().text)
        if token.kind == "name" or self.at(*ACCENTS):
            return self.named()
        if self.at("{"):
            return self.argument()
        if self.at("("):
            entries = self.listed("(", ")")
            return entries[0] if len(entries) == 1 else Node("tuple", None, entries)
        if self.at("["):
            return self.bracketed()
        if self.at(*BRACKETS):
            close, name = BRACKETS[self.next().text]
            inside = self.sum()
            self.take(close)
            return Node("call", name, (inside,))
        if self.at(*OPERATORS):
            return Node("call", OPERATORS[self.next().text], (self.factor(),))
        if token.text.startswith("\\begin"):
            return self.environment()
        rules = {"\\frac": self.fraction, "\\sum": self.summation, "\\max": self.maximum}
        rules |= {"\\partial": self.slope, "\\sqrt": self.root, "\\top": self.transposed}
        rules |= {"\\min": self.minimum}
        if self.at(*rules):
            self.next()
            return rules[token.text]()
        raise LatexError(f"cannot begin with {token.text!r}")

    # The atoms.

    def argument(self):
        """Read what a command takes: a group in braces, or one token."""
        if not self.at("{"):
            return self.atom()
        self.next()
        node = self.chain()
        self.take("}")
        return node

    def listed(self, opening, closing):
        self.take(opening)
        entries = [self.chain()]
        while self.skip(","):
            entries.append(self.chain())
        self.take(closing)
        return tuple(entries)

    def bracketed(self):
        """Read [ ... ]: 1 or 0 if it holds a relation, otherwise a mere pair of brackets."""
        (inside,) = self.listed("[", "]")
        return Node("true", None, (inside,)) if inside.kind == "chain" else inside

    def named(self):
        """Read a name with all that belongs to it: accent, subscript, indices, arguments."""
        if self.peek().text in PARTS:
            return Node("call", self.next().text, (self.factor(),))
        name = self.letter()
        if name == "d" and self.peek().kind == "name":  # \mathrm{d}w is one name
            name += " " + self.next().text
        indices = ()
        if self.skip("_"):
            suffix, indices = self.subscript()
            name += suffix
        if self.at("[") and self.peek().glued:
            indices += self.listed("[", "]")
        if name in FUNCTIONS and self.at("(") and self.peek().glued:
            return Node("call", name, self.listed("(", ")"))
        node = Node("name", name)
        return Node("at", None, (node, *indices)) if indices else node

    def letter(self):
        """Read a name with its accents."""
        name = ""
        while self.at(*ACCENTS):
            name += ACCENTS[self.next().text]
        braces = self.skip("{")
        name += self.next().text
        if braces:
            self.take("}")
        return name

    def subscript(self):
        """Read what follows `_`: a part of the name (`w_1`, `R_M`), or indices (`x_{pq}`)."""
        if not self.at("{"):
            token = self.next()
            if token.kind == "number" or token.text[0].isupper():
                return "_" + token.text, ()
            indices = (Node("name", token.text),)
        elif self.peek(1).kind == "number" and self.peek(2).text == "}":
            return "_" + self.argument().value, ()
        else:
            self.next()
            indices = [self.sum()]
            while self.skip(","):
                indices.append(self.sum())
            self.take("}")
            if len(indices) == 1 and indices[0].kind == "*":
                indices = indices[0].children
        return "", tuple(indices)

    def fraction(self):
        """Read both parts of a fraction, which may be a derivative."""
        self.take("{")
        if not self.skip("\\partial"):
            above = self.chain()
            self.take("}")
            return Node("/", None, (above, self.argument()))
        above = None if self.at("}") else self.product()
        self.take("}")
        self.take("{")
        self.take("\\partial")
        below = self.atom()
        self.take("}")
        return Node("d", None, (above or self.product(), below))

    def slope(self):
        r"""Read the rest of \partial L / \partial Z[k,i,j]."""
        above = self.atom()
        self.take("/")
        self.take("\\partial")
        return Node("d", None, (above, self.atom()))

    def summation(self):
        self.take("_")
        if not self.at("{"):
            return Node("sum", self.letter(), (self.product(),))
        letters, first, last = [], None, None
        self.take("{")
        while True:
            letters.append(self.letter())
            if not self.skip(","):
                break
        if self.skip("="):
            first = self.sum()
        self.take("}")
        if first is not None:
            self.take("^")
            last = self.argument()
        node = self.product()
        for letter in reversed(letters):
            node = Node("sum", letter, (node,) if first is None else (first, last, node))
        return node

    def maximum(self):
        if self.at("("):
            return Node("call", "max", self.listed("(", ")"))
        self.take("_")
        self.take("{")
        stacked = self.skip("\\substack") and self.skip("{")
        conditions = [self.chain()]
        while self.skip(","):
            conditions.append(self.chain())
        if stacked:
            self.take("}")
        self.take("}")
        return Node("max", None, (*conditions, self.product()))

    def minimum(self):
        return Node("call", "min", self.listed("(", ")"))

    def root(self):
        return Node("call", "sqrt", (self.argument(),))

    def transposed(self):
        return Node("name", "top")

    def environment(self):
        name = self.next().text
        rules = {"\\begin{cases}": self.cases, "\\begin{pmatrix}": self.matrix}
        if name not in rules:
            raise LatexError(name)
        node = rules[name]()
        self.take(name.replace("begin", "end"))
        return node

    def cases(self):
        children = []
        while not self.at("\\end{cases}"):
            children.append(self.sum())
            while self.peek().kind == "break":
                self.next()
            if self.peek().kind == "word" and self.next().text == "if":
                children.append(self.chain())
            while self.peek().kind == "break":
                self.next()
        return Node("cases", None, tuple(children))

    def matrix(self):
        rows = [[self.sum()]]
        while self.peek().kind == "break":
            if self.next().text != "&":
                rows.append([])
            rows[-1].append(self.sum())
        if len({len(row) for row in rows}) > 1:
            raise LatexError("a matrix with rows of different lengths")
        return Node("matrix", len(rows[0]), tuple(entry for row in rows for entry in row))


# --- And back -----------------------------------------------------------------


def show(node):
    """Write a tree as text, near to what was read."""
    parts = [show(child) for child in node.children]
    kind, value = node.kind, node.value
    if kind == "at":
        return f"{parts[0]}[{','.join(parts[1:])}]"
    if kind == "chain":
        relations = zip(value, parts[1:], strict=True)
        return parts[0] + "".join(f" {relation} {part}" for relation, part in relations)
    if kind == "statement":
        conditions = zip(value, parts[1:], strict=True)
        return parts[0] + "".join(f" {word} {part}" for word, part in conditions)
    if kind == "sum":
        limits = f"{value}={parts[0]}..{parts[1]}" if len(parts) == 3 else value
        return f"sum_{{{limits}}} ({parts[-1]})"
    if kind in ("number", "name"):
        return value
    templates = {"d": "d({})/d({})", "-": "-{}", "true": "[{}]", "*": " ".join(["{}"] * len(parts))}
    if kind in templates:
        return templates[kind].format(*parts)
    joint = {"group": "; ", "+": " + ", "/": " / ", "^": "^", "star": " star ", "conv": " conv "}
    if kind in joint:
        text = joint[kind].join(parts)
        return text if kind == "group" else f"({text})"
    return f"{value or kind}({', '.join(parts)})"
