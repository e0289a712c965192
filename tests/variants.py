"""Other people's copies of the casebook scripts: the same fault in other names, numbers and habits.

`variants(name, seed)` reads a case script, draws everything anew that the fault does not depend on,
and returns the source text of a script that runs by itself. What belongs here is what keeps the
answer; anything that would change the diagnosis (an activation, the order of the calls that makes
the fault, standardised inputs) does not.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import libcst as cst
import libcst.matchers as m

SCRIPTS = Path(__file__).parents[1] / "src" / "unstuck" / "casebook" / "scripts"
NAMES = (
    *("xnor", "xnor-cleared", "heart-rate", "heart-rate-short"),
    *("ages", "quartic", "quartic-special", "quartic-outlier", "squares", "twenty-points"),
)


def variants(name: str, seed: int) -> str:
    """The script of the case `name`, rewritten in the hand that `seed` draws."""
    draw = random.Random(f"{name} {seed}")
    stem = name.replace("-", "_")
    tree = cst.parse_module((SCRIPTS / f"{stem}.py").read_text())
    tree = tree.visit(WithoutComments())
    tree = REDRAW[stem](tree, draw)
    tree = restyled(tree, draw)
    tree = renamed(tree, draw)
    return arranged(tree, draw).code


# --- other numbers -------------------------------------------------------------------------------


def redraw_xnor(tree: cst.Module, draw: random.Random) -> cst.Module:
    """Columns and rows permuted, bits perhaps flipped, other sizes, rate and epochs."""
    columns, rows = draw.sample(range(4), 4), draw.sample(range(4), 4)
    first, second = draw.choice([(2, 2), (2, 3), (3, 2)])
    tree = tree.visit(PermutedTable(rows, columns, flip=draw.random() < 0.5))
    sizes = {(4, 2): (4, first), (2, 2): (first, second), (2, 1): (second, 1)}
    rate, epochs = draw.choice(["0.01", "0.005", "0.02"]), str(draw.randint(6, 15))
    return tree.visit(OtherSizes(sizes)).visit(OtherNumbers({"0.01": rate, "10": epochs}))


def redraw_heart_rate(tree: cst.Module, draw: random.Random) -> cst.Module:
    """Another quantity, with |centre| / spread from 10 to 20, and a threshold near its middle."""
    centre, spread, threshold = draw_quantity(draw)
    probes = ("70.0", "85.0", "90.0", "92.0", "95.0", "110.0")
    moved = {p: str(round(centre + (float(p) - 92.6) / 7.5 * spread, 1)) for p in probes}
    hidden = draw.choice([3, 4, 5, 6])
    tree = tree.visit(OtherSizes({(1, 4): (1, hidden), (4, 1): (hidden, 1)}))
    return tree.visit(
        OtherNumbers(
            moved
            | {"7.5": str(spread), "92.6": str(centre), "91": str(threshold)}
            | {"200": str(draw.randint(150, 300)), "10000": str(draw.randint(8000, 10000))}
        )
    )


def redraw_heart_rate_short(tree: cst.Module, draw: random.Random) -> cst.Module:
    """As `redraw_heart_rate`; about as many updates, whatever the sizes."""
    centre, spread, threshold = draw_quantity(draw)
    rows, batch = draw.randint(180, 320), draw.choice([10, 16, 20, 25, 32])
    epochs = -(-720 // -(-rows // batch))
    return tree.visit(
        OtherNumbers(
            {"92.6": str(centre), "8": str(spread), "91": str(threshold), "240": str(rows)}
            | {"20": str(batch), "60": str(epochs), "4": str(draw.choice([3, 4, 5, 6]))}
        )
    )


def redraw_ages(tree: cst.Module, draw: random.Random) -> cst.Module:
    """Another width, and ages measured from another one."""
    width, origin = draw.choice(["1000", "1500", "2500"]), str(draw.randint(50, 65))
    return tree.visit(OtherNumbers({"2000": width, "60": origin}))


def redraw_quartic(tree: cst.Module, draw: random.Random) -> cst.Module:
    """Other counts of rows and units."""
    units, rows = draw.choice(["40", "48", "56"]), str(draw.randint(9, 12) * 100)
    return tree.visit(OtherNumbers({"48": units, "1000": rows}))


def redraw_squares(tree: cst.Module, draw: random.Random) -> cst.Module:
    """Other largest numbers, counts of rows and widths."""
    first, second = draw.choice([("20", "100"), ("24", "80"), ("32", "64")])
    numbers = {"1000": str(draw.randint(8, 20) * 100), "20": first}
    return tree.visit(OtherNumbers(numbers)).visit(OtherSizes(_widths(int(first), int(second))))


def redraw_twenty_points(tree: cst.Module, draw: random.Random) -> cst.Module:
    """Other points, other widths."""
    points = [f"0.{n:03}" for n in (813, 770, 524, 156, 986, 500, 898, 67, 16, 79)]
    others = {point: f"0.{draw.randint(1, 999):03}" for point in points}
    return tree.visit(OtherNumbers(others | {"2000": str(draw.choice([1500, 1800, 2500]))}))


def _widths(first: int, second: int) -> dict[tuple[int, int], tuple[int, int]]:
    new = {100: second}
    pairs = [(1, first), (first, 100), (100, 100), (100, first), (first, 1)]
    return {(a, b): (new.get(a, a), new.get(b, b)) for a, b in pairs}


def draw_quantity(draw: random.Random) -> tuple[float, float, float]:
    """Centre, spread and threshold of some measured quantity; classes stay roughly balanced."""
    spread = round(draw.uniform(2.0, 12.0), 1)
    centre = round(draw.uniform(10.0, 20.0) * spread * draw.choice([1, 1, -1]), 1)
    return centre, spread, round(centre + draw.uniform(-0.35, 0.35) * spread, 2)


REDRAW: Mapping[str, Callable[[cst.Module, random.Random], cst.Module]] = {
    "xnor": redraw_xnor,
    "xnor_cleared": redraw_xnor,
    "heart_rate": redraw_heart_rate,
    "heart_rate_short": redraw_heart_rate_short,
    "ages": redraw_ages,
    "twenty_points": redraw_twenty_points,
    "quartic": redraw_quartic,
    "quartic_special": redraw_quartic,
    "quartic_outlier": redraw_quartic,
    "squares": redraw_squares,
}


class WithoutComments(cst.CSTTransformer):
    """Drops comments: they speak of the old names and numbers."""

    def leave_TrailingWhitespace(
        self, original_node: cst.TrailingWhitespace, updated_node: cst.TrailingWhitespace
    ) -> cst.TrailingWhitespace:
        return updated_node.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))

    def leave_EmptyLine(
        self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine
    ) -> cst.EmptyLine | cst.RemovalSentinel:
        if updated_node.comment:
            return cst.RemoveFromParent()
        return updated_node.with_changes(indent=False)


class OtherNumbers(cst.CSTTransformer):
    """Replaces literals, by their text."""

    def __init__(self, new: Mapping[str, str]) -> None:
        super().__init__()
        self.new = new

    def leave_Float(self, original_node: cst.Float, updated_node: cst.Float) -> cst.BaseExpression:
        return self.replaced(updated_node)

    def leave_Integer(
        self, original_node: cst.Integer, updated_node: cst.Integer
    ) -> cst.BaseExpression:
        return self.replaced(updated_node)

    def replaced(self, literal: cst.Float | cst.Integer) -> cst.BaseExpression:
        return cst.parse_expression(self.new.get(literal.value, literal.value))


class OtherSizes(cst.CSTTransformer):
    """Replaces the pair of sizes of each `nn.Linear(n_in, n_out)`."""

    def __init__(self, new: Mapping[tuple[int, int], tuple[int, int]]) -> None:
        super().__init__()
        self.new = new

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        if not m.matches(updated_node.func, m.Attribute(attr=m.Name("Linear"))):
            return updated_node
        old = tuple(int(cst.ensure_type(a.value, cst.Integer).value) for a in updated_node.args)
        values = (cst.Integer(str(size)) for size in self.new[old])
        pairs = zip(updated_node.args, values, strict=True)
        return updated_node.with_changes(args=[a.with_changes(value=v) for a, v in pairs])


class PermutedTable(cst.CSTTransformer):
    """Permutes rows and columns of the 4 × 4 table, and the rows of its labels alike.

    With `flip` every bit is inverted, which leaves "the two agree" as true as it was.
    """

    def __init__(self, rows: Sequence[int], columns: Sequence[int], *, flip: bool) -> None:
        super().__init__()
        self.rows, self.columns, self.flip = rows, columns, flip

    def visit_List(self, node: cst.List) -> bool:
        return False  # the outermost list is the table

    def leave_List(self, original_node: cst.List, updated_node: cst.List) -> cst.List:
        elements = updated_node.elements
        if len(getattr(elements[0].value, "elements", ())) == 4:
            elements = [e.with_changes(value=self.permuted_row(e.value)) for e in elements]
        return updated_node.with_changes(elements=reordered(elements, self.rows))

    def permuted_row(self, row: cst.BaseExpression) -> cst.BaseExpression:
        bits = [e.with_changes(value=self.bit(e.value)) for e in row.elements]
        return row.with_changes(elements=reordered(bits, self.columns))

    def bit(self, literal: cst.BaseExpression) -> cst.BaseExpression:
        if not self.flip:
            return literal
        swap = {"0": "1", "1": "0", "0.": "1.", "1.": "0."}
        return literal.with_changes(value=swap[literal.value])


def reordered(elements: Sequence[cst.BaseElement], order: Sequence[int]) -> list[cst.BaseElement]:
    """The elements in another order; the commas, and the line breaks behind them, stay in place."""
    commas = [e.comma for e in elements]
    return [elements[i].with_changes(comma=c) for i, c in zip(order, commas, strict=True)]


# --- other habits --------------------------------------------------------------------------------


def restyled(tree: cst.Module, draw: random.Random) -> cst.Module:
    """The same computation, spelt as another person would; each habit on the toss of a coin."""
    if draw.random() < 0.3:
        tree = with_model_in_a_sequential(tree)
    tree = tree.visit(OtherActivationSpelling(draw.choice(["torch", "method", "module"])))
    if draw.random() < 0.5:
        tree = tree.visit(OtherLossSpelling())
    tree = tree.visit(OtherClearingPlace(draw.choice(["first", "before backward", "after step"])))
    if draw.random() < 0.3:
        tree = tree.visit(CountedByHand())
    return tree


def with_model_in_a_sequential(tree: cst.Module) -> cst.Module:
    """A class with a chain of `nn.Linear` of plain sizes becomes an `nn.Sequential`."""
    classes = [s for s in tree.body if isinstance(s, cst.ClassDef)]
    if not classes:
        return tree
    code = tree.code_for_node(classes[0])
    linears = m.findall(classes[0], m.Call(func=m.Attribute(attr=m.Name("Linear"))))
    if any(not isinstance(a.value, cst.Integer) for call in linears for a in call.args):
        return tree
    inner = "nn.ReLU()" if "relu" in code else "nn.Sigmoid()"
    layers = f", {inner}, ".join(tree.code_for_node(call) for call in linears)
    chain = cst.parse_expression(f"nn.Sequential({layers}, nn.Sigmoid())")
    tree = tree.with_changes(body=[s for s in tree.body if s is not classes[0]])
    made = m.Call(func=m.Name(classes[0].name.value))
    return cst.ensure_type(m.replace(tree, made, chain), cst.Module)


class OtherActivationSpelling(cst.CSTTransformer):
    """`torch.relu(x)`, `(x).relu()` or `nn.ReLU()(x)`."""

    modules: Mapping[str, str] = {"relu": "ReLU", "sigmoid": "Sigmoid", "tanh": "Tanh"}

    def __init__(self, spelling: str) -> None:
        super().__init__()
        self.spelling = spelling

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        for name, module in self.modules.items():
            if not m.matches(updated_node.func, m.Attribute(m.Name("torch"), m.Name(name))):
                continue
            if self.spelling == "method":
                inner = cst.Attribute(updated_node.args[0].value, cst.Name(name))
                return cst.Call(inner)
            if self.spelling == "module":
                return updated_node.with_changes(func=cst.parse_expression(f"nn.{module}()"))
        return updated_node


class OtherLossSpelling(cst.CSTTransformer):
    """The loss as a function where it was a module, and the other way round."""

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        if m.matches(updated_node, m.Call(m.Attribute(m.Name("nn"), m.Name("BCELoss")))):
            return cst.parse_expression("nn.functional.binary_cross_entropy")
        if m.matches(updated_node.func, m.Attribute(m.Name("F"), m.Name("binary_cross_entropy"))):
            return updated_node.with_changes(func=cst.parse_expression("nn.BCELoss()"))
        return updated_node


def calls(method: str) -> m.BaseMatcherNode:
    """Matches the statement `something.method()`."""
    return m.SimpleStatementLine([m.Expr(m.Call(m.Attribute(attr=m.Name(method))))])


class OtherClearingPlace(cst.CSTTransformer):
    """Moves `zero_grad()` to another place in the loop where it does its work as well."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        clearing = [s for s in updated_node.body if m.matches(s, calls("zero_grad"))]
        if not clearing:
            return updated_node
        body = [s for s in updated_node.body if s is not clearing[0]]
        made = m.SimpleStatementLine([m.Assign([m.AssignTarget(m.Name(name_of(clearing[0])))])])
        built = [i for i, s in enumerate(body) if m.matches(s, made)]
        at = {
            "first": built[0] + 1 if built else 0,
            "before backward": index_of("backward", body),
            "after step": index_of("step", body) + 1,
        }[self.place]
        body.insert(at, clearing[0].with_changes(leading_lines=[]))
        return updated_node.with_changes(body=body)


def name_of(call: cst.BaseStatement) -> str:
    """What `something.method()` is called on; "" where that is no plain name."""
    found = m.extract(
        call,
        m.SimpleStatementLine([m.Expr(m.Call(m.Attribute(m.SaveMatchedNode(m.Name(), "on"))))]),
    )
    return cst.ensure_type(found["on"], cst.Name).value if found else ""


def index_of(method: str, body: Sequence[cst.BaseStatement]) -> int:
    return next(i for i, s in enumerate(body) if m.matches(s, calls(method)))


class CountedByHand(cst.CSTTransformer):
    """`for i in range(n)` around the training becomes a `while` with a counter."""

    def leave_For(
        self, original_node: cst.For, updated_node: cst.For
    ) -> cst.For | cst.FlattenSentinel[cst.BaseStatement]:
        one_range = m.Call(m.Name("range"), [m.Arg()])
        trains = m.findall(updated_node.body, m.Attribute(attr=m.Name("backward")))
        if not trains or not m.matches(updated_node.iter, one_range):
            return updated_node
        counter = cst.ensure_type(updated_node.target, cst.Name).value
        limit = cst.Module([]).code_for_node(updated_node.iter.args[0].value)
        body = updated_node.body.with_changes(
            body=[*updated_node.body.body, cst.parse_statement(f"{counter} += 1")]
        )
        loop = cst.While(cst.parse_expression(f"{counter} < {limit}"), body)
        return cst.FlattenSentinel([cst.parse_statement(f"{counter} = 0"), loop])


# --- other names ---------------------------------------------------------------------------------

COUNTRYSIDE = """
amber anchor basin birch bramble canyon cedar clover copper coral cove delta ember fern flint
garnet glade harbor hazel heron indigo ivy jasper juniper kelp lagoon larch lilac maple marsh
meadow moss nettle oak ochre onyx opal orchid otter pebble pine plum poppy quartz raven reed
ridge river robin saffron sage shale slate sorrel spruce teal thistle tulip umber violet
walnut willow wren yarrow
"""
WORDS = COUNTRYSIDE.split()


def renamed(tree: cst.Module, draw: random.Random) -> cst.Module:
    """Every name that the script itself gives, given anew; what it imports or inherits is kept."""
    found = OwnNames()
    tree.visit(found)
    own = dict.fromkeys([*found.names, *found.attributes, *found.classes])
    new = dict(zip(own, draw.sample(WORDS, len(own)), strict=True))
    new |= {old: new[old].upper() for old in own if old.isupper() and len(old) > 1}
    new |= {old: new[old].capitalize() for old in found.classes}
    return tree.visit(Renaming(new))


class OwnNames(cst.CSTVisitor):
    """Collects the names that are assigned, looped over, defined, or set on `self`."""

    kept = ("self", "forward", "_")

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[str] = []
        self.classes: list[str] = []

    def add(self, name: str) -> None:
        if name not in self.kept and not name.startswith("__"):
            self.names.append(name)

    def add_target(self, target: cst.BaseExpression) -> None:
        if isinstance(target, cst.Name):
            self.add(target.value)
        elif isinstance(target, cst.Tuple):
            for element in target.elements:
                self.add_target(element.value)
        elif m.matches(target, m.Attribute(m.Name("self"))):
            self.attributes.append(target.attr.value)

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        self.add_target(node.target)

    def visit_For(self, node: cst.For) -> None:
        self.add_target(node.target)

    def visit_CompFor(self, node: cst.CompFor) -> None:
        self.add_target(node.target)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.add(node.name.value)

    def visit_Param(self, node: cst.Param) -> None:
        self.add(node.name.value)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.classes.append(node.name.value)


class Renaming(cst.CSTTransformer):
    """Renames bare names and attributes of `self`; leaves keywords and foreign attributes."""

    def __init__(self, new: Mapping[str, str]) -> None:
        super().__init__()
        self.new = new

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value=self.new.get(updated_node.value, updated_node.value))

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        if m.matches(original_node.value, m.Name("self")):
            return updated_node
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)


# --- other order of things -----------------------------------------------------------------------


def arranged(tree: cst.Module, draw: random.Random) -> cst.Module:
    """Seeded anew, and perhaps with everything below the imports inside `main()`."""
    manual_seed = m.SimpleStatementLine([m.Expr(m.Call(m.Attribute(attr=m.Name("manual_seed"))))])
    statements = [s for s in tree.body if not m.matches(s, manual_seed)]
    is_import = m.SimpleStatementLine([m.OneOf(m.Import(), m.ImportFrom())])
    imports = [s for s in statements if m.matches(s, is_import)]
    rest = [s for s in statements if not m.matches(s, is_import)]
    seeds = [f"torch.manual_seed({draw.randrange(10_000)})"]
    if m.findall(tree, m.Import([m.ImportAlias(m.Name("random"))])):
        seeds.append(f"random.seed({draw.randrange(10_000)})")
    body = [*map(cst.parse_statement, ["\n" + seeds[0], *seeds[1:]]), *rest]
    if draw.random() < 0.4:
        body[0] = body[0].with_changes(leading_lines=[])
        main = cst.parse_statement("def main():\n    pass\n")
        main = main.with_changes(
            body=cst.IndentedBlock(body), leading_lines=[cst.EmptyLine(), cst.EmptyLine()]
        )
        guard = cst.parse_statement('\n\nif __name__ == "__main__":\n    main()\n')
        body = [main, guard]
    return tree.with_changes(header=[], body=[*imports, *body])
