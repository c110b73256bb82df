"""One style sheet, made from the theme."""

from string import Template

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from medgan_viewer import resources
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.type_size import in_pixels

__all__ = ["apply_theme", "style_sheet"]


def style_sheet(theme: Theme) -> str:
    """Return the style sheet of a theme, its type as large as the system's."""
    colours = {name: getattr(theme, name) for name in theme.__dataclass_fields__}
    icons = {name: resources.path("icons", f"{name}-{theme.name}.svg").as_posix() for name in ("check", "down", "up")}
    sheet = Template(resources.path("style.qss").read_text(encoding="utf-8"))
    return in_pixels(sheet.substitute(icons, **colours))


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Give the whole application the look of a theme."""
    application.setStyle("Fusion")
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.Base: theme.panel,
        QPalette.ColorRole.AlternateBase: theme.raised,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.accent_text,
        QPalette.ColorRole.PlaceholderText: theme.faint_text,
        QPalette.ColorRole.Link: theme.accent,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    application.setPalette(palette)
    application.setStyleSheet(style_sheet(theme))
