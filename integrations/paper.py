"""Pictures of any mode as paper sees them: what is transparent is paper, what is deep is scaled to eight bits.

Imported in child processes that decode, so it imports nothing of ours.
"""

from __future__ import annotations

from PIL import Image


def colour_on_white(picture: Image.Image) -> Image.Image:
    """Return the picture in RGB on white."""
    if is_deep(picture) or picture.mode in ("L", "1", "LA"):
        return grey_on_white(picture).convert("RGB")
    if has_alpha(picture):
        layer = picture.convert("RGBA")
        paper = Image.new("RGB", layer.size, "white")
        paper.paste(layer, mask=layer.getchannel("A"))
        return paper
    return picture.convert("RGB")


def grey_on_white(picture: Image.Image) -> Image.Image:
    """Return the picture in greys; what is transparent becomes paper, not ink."""
    if is_deep(picture):
        return shallow(picture)
    if has_alpha(picture):
        layer = picture.convert("LA")
        paper = Image.new("L", layer.size, 255)
        paper.paste(layer.getchannel("L"), mask=layer.getchannel("A"))
        return paper
    return picture.convert("L")


def shallow(picture: Image.Image) -> Image.Image:
    """Scale 16-bit greys to 8 bits (converting alone would clip nearly all of them to white)."""
    deep = picture.convert("I")
    top = max(int(deep.getextrema()[1]), 1)  # type: ignore[arg-type]
    return deep.point(lambda value: value * (255 / max(top, 255))).convert("L")


def is_deep(picture: Image.Image) -> bool:
    """Tell whether the picture has greys of more than 8 bits."""
    return picture.mode.startswith("I;16") or picture.mode in ("I", "F")


def has_alpha(picture: Image.Image) -> bool:
    """Tell whether a part of the picture may be transparent."""
    return "A" in picture.getbands() or "transparency" in picture.info
