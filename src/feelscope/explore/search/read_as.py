"""A query as it was read: with brackets that say what each OR binds."""

from feelscope.explore.search.query_text import All, Either, Leaf, Node, Not, parse_query


def read_as(query: str) -> str | None:
    """The query with its brackets written out; None where no OR is beside something else, as nothing is in doubt."""
    node = parse_query(query).node
    return _written(node, outside=True) if node is not None and _in_doubt(node) else None


def _in_doubt(node: Node) -> bool:
    return not isinstance(node, Leaf | Either) and _has_or(node)


def _has_or(node: Node) -> bool:
    match node:
        case Either():
            return True
        case All(parts):
            return any(map(_has_or, parts))
        case Not(part):
            return _has_or(part)
    return False


def _written(node: Node, *, outside: bool = False) -> str:
    match node:
        case Leaf(written):
            return written
        case Not(part):
            return f"-{_written(part)}"
        case Either(parts):
            text = " OR ".join(_written(part) for part in parts)
        case All(parts):
            text = " ".join(_written(part) for part in parts)
    return text if outside else f"({text})"
