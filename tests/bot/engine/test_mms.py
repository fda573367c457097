"""Which files go as pictures by SMS, to whom, and what becomes of the others (CHN-2, SMS-15)."""

from __future__ import annotations

from bot.engine.render.mms import MOST_BYTES, PictureTexts
from tests.rows import each

OURS = PictureTexts(True, "+14155550100")
CHART, PHOTO, PAGE = (1, "chart.png"), (2, "a.jpg"), (3, "a.pdf")


@each("texts, number, reached", [
    (OURS, "+14155550123", True), (OURS, "+16045550123", True), (PictureTexts(True, "MG123"), "+14155550123", True),
    (PictureTexts(True, "+18335550100"), "+14155550123", True),
    (OURS, "+12425550123", False), (OURS, "+18765550123", False), (OURS, "+447700900123", False),
    (OURS, "+1415555012", False), (PictureTexts(True, "+447700900100"), "+14155550123", False),
    (PictureTexts(False, "+14155550100"), "+14155550123", False), (PictureTexts(), "+14155550123", False),
])  # fmt: skip
def test_chn_2_pictures_go_where_numbers_take_them(texts: PictureTexts, number: str, reached: bool) -> None:
    assert texts.reach(number) is reached


@each("files, sizes, pictures", [
    ([CHART], {1: 80_000}, [CHART]),
    ([CHART], {1: MOST_BYTES}, [CHART]),
    ([CHART], {1: MOST_BYTES + 1}, []),
    ([CHART], {1: 0}, []),
    ([CHART], {}, []),
    ([PAGE], {3: 1000}, []),
    ([CHART, PHOTO], {1: 400_000, 2: 300_000}, [CHART]),
    ([PHOTO, CHART, PAGE], {1: 300_000, 2: 300_000, 3: 10}, [PHOTO, CHART]),
    ([(n, f"{n}.jpg") for n in range(12)], dict.fromkeys(range(12), 1), [(n, f"{n}.jpg") for n in range(10)]),
])  # fmt: skip
def test_chn_2_small_pictures_within_one_message_and_links_for_the_rest(
    files: list[tuple[int, str]], sizes: dict[int, int], pictures: list[tuple[int, str]]
) -> None:
    shown, linked = OURS.parted("+14155550123", files, sizes)
    assert shown == pictures
    assert linked == [one for one in files if one not in pictures]
