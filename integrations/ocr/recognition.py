"""Finds and reads lines of print with RapidOCR's models: one thread, one line at a time, no network, no download.

The sessions are made here, from bytes whose hash was checked, with ONNX Runtime's arena and memory pattern off:
pictures of ever new shapes would make both grow. RapidOCR does what stands around the models: boxes from a map, text
from probabilities. The detector's size is the longer side of the picture that it sees, in pixels.
"""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from integrations.ocr.trouble import Trouble

Pixels = NDArray[np.uint8]
"""Height x width x blue, green, red."""
Boxes = NDArray[np.float32]
"""Number x 4 corners x (x, y), clockwise from the top left."""

SIDE, LARGER_SIDE = 960, 1280
MOST_LINES = 400
_LEAST_SCORE = 0.5
_WIDEST = 50
"""A line so many times wider than high is squeezed: a ruled line would otherwise take seconds to read as nothing."""
_MODELS = Path(__file__).with_name("models.toml")


@dataclass(frozen=True, slots=True)
class Read:
    """What one line says, and how sure that is, from 0 to 1."""

    text: str
    score: float

    @property
    def clear(self) -> bool:
        """Tell whether the line is worth keeping."""
        return self.score >= _LEAST_SCORE and bool(self.text.strip())


class Recognition:
    """Both models, loaded; raise Trouble(`no_reader`) where they are not installed or not the ones we know."""

    def __init__(self) -> None:
        sessions = _sessions()
        import cv2
        from rapidocr.ch_ppocr_det import TextDetector
        from rapidocr.ch_ppocr_rec import TextRecognizer
        from rapidocr.main import DEFAULT_CFG_PATH
        from rapidocr.utils.parse_parameters import ParseParams

        cv2.setNumThreads(1)
        settings = ParseParams.load(DEFAULT_CFG_PATH)
        settings._set_flag("allow_objects", True)
        settings.Det.session, settings.Rec.session = sessions
        settings.Det.limit_type, settings.Det.limit_side_len = "max", SIDE
        self._detector, self._recogniser = TextDetector(settings.Det), TextRecognizer(settings.Rec)

    def find(self, pixels: Pixels, *, side: int = SIDE) -> Boxes:
        """Return the boxes of the lines in the order in which they are read; of too many, the largest."""
        self._detector.limit_side_len = side
        found = self._detector(pixels).boxes
        if found is None:
            return np.zeros((0, 4, 2), np.float32)
        boxes: Boxes = np.asarray(found, np.float32)
        if len(boxes) > MOST_LINES:
            largest = np.argsort(widths(boxes) * heights(boxes))[-MOST_LINES:]
            boxes = boxes[np.sort(largest)]
        return boxes

    def read(self, crop: Pixels) -> Read:
        """Read one line, cut out."""
        shape = self._recogniser.rec_image_shape
        ratio = min(max(crop.shape[1] / crop.shape[0], shape[2] / shape[1]), _WIDEST)
        chances = self._recogniser.session(self._recogniser.resize_norm_img(crop, ratio)[np.newaxis])
        (text, score), *_ = self._recogniser.postprocess_op(chances)[0]
        return Read(text, float(score))


def cut(pixels: Pixels, boxes: Boxes) -> list[Pixels]:
    """Cut the lines out, straightened; what is much taller than wide is laid down."""
    from rapidocr.utils.process_img import get_rotate_crop_image

    return [get_rotate_crop_image(pixels, box.copy()) for box in boxes]


def widths(boxes: Boxes) -> NDArray[np.float32]:
    """Return the width of each box along its text."""
    along: NDArray[np.float32] = np.hypot(*(boxes[:, 0] - boxes[:, 1]).T)
    return along


def heights(boxes: Boxes) -> NDArray[np.float32]:
    """Return the height of each box across its text."""
    across: NDArray[np.float32] = np.hypot(*(boxes[:, 0] - boxes[:, 3]).T)
    return across


def _sessions() -> Sequence[Any]:
    models = tomllib.loads(_MODELS.read_text())
    package = importlib.util.find_spec("rapidocr")
    if package is None or not package.submodule_search_locations or importlib.util.find_spec("onnxruntime") is None:
        raise Trouble("no_reader")
    folder = Path(package.submodule_search_locations[0])
    return [_session(folder / models[name]["file"], models[name]["sha256"]) for name in ("detection", "recognition")]


def _session(path: Path, sha256: str) -> Any:
    import onnxruntime

    try:
        model = path.read_bytes()
    except OSError:
        raise Trouble("no_reader") from None
    if hashlib.sha256(model).hexdigest() != sha256:
        raise Trouble("no_reader")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
