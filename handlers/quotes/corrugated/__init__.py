"""The first calculator: corrugated boxes and sheets (QT-5 to QT-7, QT-10).

`reading` reads a line, `rates` holds the file, `pricing` is the formula; `boxes` puts them behind the port.
"""

from handlers.quotes.corrugated.boxes import Boxes

__all__ = ["Boxes"]
