"""What a letter's run-time tags may say: values, choices, loops over what is there, and our phrases. Nothing else.

A sandbox stops a template from reaching into Python, not from asking for a terabyte (`'a' * 10**12`). This subset has
no arithmetic, no assignments, no macros and no calls but `_` and `_n`, so a letter costs what its values cost. Whoever
needs more has it at build time (`[% %]`), which runs once, in a child process with limits.
"""

from jinja2 import nodes

ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Operand,
    nodes.Concat,
    nodes.Tuple,
    nodes.Keyword,
    nodes.Call,
    nodes.Filter,
    nodes.Test,
)
FILTERS = frozenset({"e", "escape", "join", "length", "first", "last", "upper", "lower", "trim", "default", "wrapped"})
PHRASES = frozenset({"_", "_n"})


def refused(template: nodes.Template) -> tuple[int, str] | None:
    """(line, why) of the first thing that may not stand in a letter; None when all is well."""
    for node in template.find_all(nodes.Node):
        if why := _fault(node):
            return node.lineno, why
    return None


def _fault(node: nodes.Node) -> str:
    match node:
        case nodes.Call():
            if not (isinstance(node.node, nodes.Name) and node.node.name in PHRASES):
                return "only _(…) and _n(…) can be called in a letter"
        case nodes.Getattr() if node.attr.startswith("_"):
            return f"{node.attr} is not for letters"
        case nodes.Getitem() if not isinstance(node.arg, nodes.Const) or str(node.arg.value).startswith("_"):
            return "only a fixed name or number may stand in […]"
        case nodes.For() if not isinstance(node.iter, nodes.Name | nodes.Getattr | nodes.Getitem) or node.recursive:
            return "a loop goes over a list of the letter"
        case nodes.Filter() if node.name not in FILTERS:
            return f"the filter {node.name} is not for letters; there are {', '.join(sorted(FILTERS))}"
        case _ if not isinstance(node, ALLOWED):
            return f"{type(node).__name__} is not for letters: do it at build time, with [% %]"
    return ""
