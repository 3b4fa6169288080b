"""What every citizen's page is made of: `page.html`, which a room's templates extend."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader

SHARED = Path(__file__).parent / "templates"


def environment(templates: Path) -> Environment:
    """Return a room's templates, with the shared one behind them. Everything that a template names is escaped."""
    return Environment(
        loader=FileSystemLoader([templates, SHARED]), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
