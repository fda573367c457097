"""Words that work in every state, and talk beside the matter (VOC-1 to VOC-8, UX-1, UX-7, UX-16, UPL-4, LEG-2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.optout import decide
from bot.engine.vocabulary import Said, Talk, Word, match_affirmation, match_talk, match_word
from bot.engine.vocabulary.lexicon import LOCALES, lexicon
from bot.engine.vocabulary.words import COMMANDS
from tests.rows import each

TABLE = {
    Word.MENU: ["MENU", "MAIN", "EXIT", "SALIR", "VOLVER AL MENU"],
    Word.BACK: ["BACK", "PREVIOUS", "ATRAS", "Atrás"],
    Word.RESTART: ["RESTART", "START OVER", "REINICIAR"],
    Word.OPTIONS: ["OPTIONS", "?", "OPCIONES", "??", "¿?"],
    Word.RESUME: ["RESUME", "CONTINUE", "continuar"],
    Word.AGENT: ["AGENT", "human", "person", "representante", "talk to a human"],
    Word.HELP: ["HELP", "INFO", "AYUDA"],
    Word.CANCEL_PLAN: ["CANCEL PLAN", "cancel my subscription", "cancelar mi plan"],
    Word.LANGUAGE_ES: ["ESPANOL", "español", "in spanish"],
    Word.LANGUAGE_EN: ["ENGLISH", "inglés"],
    Word.PRIVACY: ["PRIVACY", "privacidad"],
    Word.EXPORT: ["EXPORT", "export my data"],
    Word.DELETE: ["DELETE MY DATA", "borrar mis datos"],
    Word.SETTINGS: ["SETTINGS", "ajustes"],
    Word.STATUS: ["STATUS", "case status", "estado"],
    Word.MORE: ["MORE", "more please"],
    Word.UNDO: ["UNDO", "undo my order"],
}  # fmt: skip
STATEMENTS = [
    "back of my car was over the line", "the main street was closed", "help was on its way", "I exit the lot at 5",
    "a person told me to park there", "more than one sign was hidden", "human error by the officer", "menu of the cafe",
    "start over the hill and turn left", "change of address form was sent", "edit is what the officer did to the time",
]  # fmt: skip
IDENTITY = [
    "are you a bot?", "are you a robot", "r u a bot", "are you human?", "are you a real person", "is this a bot",
    "is this a real person?", "am I talking to a human", "who is this", "who are you?", "what are you", "you a bot?",
    "is this automated", "is anyone there reading this", "did a bot write this", "are you chatgpt", "are you AI",
    "is this AI generated", "bot or human?", "who am i talking to", "do you have feelings", "what is your name",
    "are you a lawyer", "are you an actual person", "is it a machine", "you are a bot right", "what AI are you",
    "eres un robot?", "eres humano?", "quién eres", "es usted una persona real", "hablo con una persona?",
]  # fmt: skip
ADVICE = [
    "should I contest?", "should i just pay it", "will I win?", "can i win this", "what are my chances",
    "what are the odds", "is this legal?", "is it worth it", "do I have a good case", "which reason is best",
    "can they do that", "do I need a lawyer", "what would you do", "what do you recommend", "is it better to pay",
    "pay or fight?", "how likely is it", "am I guilty", "debo pagar la multa?", "voy a ganar?", "qué me recomienda",
    "es legal eso?",
]  # fmt: skip
SMALL = [
    "hi", "Hello!", "hey there", "thanks", "Thank you so much!", "lol", "haha", "ok", "OK!", "okay", "cool", "👍",
    "❤️❤️", "...",
    "good morning", "how are you?", "bye", "nice", "hi, thanks", "ok. cool. thanks", "hola", "gracias", "buenos días",
]  # fmt: skip
ORDINARY = [
    "900000417", "8ABC123", "San Francisco", "11/16", "the sign was hidden", "I parked at 5", "yes", "no", "1 and 3",
    "next",
    "My daughter is 12 years old", "I am 12 minutes late", "the bot lane", "12", "the human rights building on 5th",
]  # fmt: skip


@each(("word", "text"), [(word, text) for word, texts in TABLE.items() for text in texts])
@each("locale", LOCALES)
@each("channel", ["sms", "telegram"])
def test_voc_8_global_words_in_both_languages_whatever_their_dress(
    word: Word, text: str, locale: str, channel: str
) -> None:
    for dressed in (text, text.lower(), f" {text}. ", f"{text} 🙏", f"“{text}”", f"{text} please", f"please {text}"):
        if text.strip("¿?") or dressed.strip() == text:
            assert match_word(dressed, locale, channel=channel) == Said(word), dressed


@each("text", STATEMENTS)
@each("locale", LOCALES)
def test_voc_6_only_a_whole_message_is_a_word(text: str, locale: str) -> None:
    assert match_word(text, locale, channel="sms") is None


@pytest.mark.parametrize("text", ["CANCEL", "END", "QUIT", "cancelar"])
def test_voc_3_carriers_words_leave_a_flow_elsewhere_but_are_opt_outs_on_sms(text: str) -> None:
    assert match_word(text, "en", channel="telegram") == Said(Word.MENU)
    assert match_word(text, "en", channel="sms") is None
    assert decide(text).optout


@pytest.mark.parametrize("locale", LOCALES)
def test_voc_1_no_word_of_ours_is_the_carriers_but_help(locale: str) -> None:
    carriers = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "start", "unstop", "yes"}
    assert carriers.isdisjoint(lexicon(locale).words)


@pytest.mark.parametrize("locale", LOCALES)
def test_voc_2_no_global_word_is_taken_for_an_opt_out(locale: str) -> None:
    """The opt-out is judged first, so a word of ours that it took would never be heard."""
    assert [word for word in lexicon(locale).words if decide(word).optout or decide(word).ask] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_voc_2_talk_and_answers_are_no_opt_outs(locale: str) -> None:
    known = lexicon(locale)
    said = known.yes | known.no | known.small | frozenset(known.numbers) | known.every | known.both | known.last
    assert [text for text in said if decide(text, idle=True).optout] == []


def test_sms_8_an_opted_out_number_has_no_words() -> None:
    for texts in TABLE.values():
        for text in texts:
            assert match_word(text, "en", channel="sms", opted_out=True) is None


@each(
    ("text", "thing"),
    [
        ("EDIT 3", "3"), ("edit plate", "plate"), ("EDIT PLATE.", "plate"), ("change plate", "plate"), ("edit", ""),
        ("change my plate", "plate"), ("correct the date", "date"), ("cambiar placa", "placa"), ("editar 2", "2"),
        ("change my plate please", "plate"), ("edit answer 4", "4"), ("fix line 2", "2"),
    ],
)  # fmt: skip
def test_voc_6_edit_names_a_thing(text: str, thing: str) -> None:
    assert match_word(text, "en", channel="sms") == Said(Word.EDIT, thing)


@pytest.mark.parametrize(
    "text",
    ["change of plan", "edit it so that it is nicer and shorter", "change everything", "fix the broken meter first"],
)
def test_voc_6_a_sentence_that_begins_like_an_edit_is_none(text: str) -> None:
    assert match_word(text, "en", channel="sms") is None


@each(("name", "word"), COMMANDS.items())
def test_commands_are_read_on_both_channels_with_a_bots_name_and_an_argument(name: str, word: Word) -> None:
    for channel in ("sms", "telegram"):
        assert match_word(f"/{name}", "en", channel=channel) == Said(word)
        assert match_word(f"/{name.upper()}@ParleyBot", "en", channel=channel) == Said(word)
        assert match_word(f"/{name} abc 1", "en", channel=channel) == Said(word, "abc 1")


@pytest.mark.parametrize("text", ["/", "//", "/unknown", "/ stop", "/stop-it", "/1"])
def test_an_unknown_command_is_no_word(text: str) -> None:
    assert match_word(text, "en", channel="telegram") is None


@each("text", IDENTITY)
@each("locale", LOCALES)
def test_ux_1_questions_who_we_are(text: str, locale: str) -> None:
    assert match_talk(text, locale) is Talk.IDENTITY


@each("text", ADVICE)
@each("locale", LOCALES)
def test_upl_4_leg_2_questions_for_advice(text: str, locale: str) -> None:
    assert match_talk(text, locale) is Talk.ADVICE


@each("text", SMALL)
@each("locale", LOCALES)
def test_ux_7_small_talk(text: str, locale: str) -> None:
    assert match_talk(text, locale) is Talk.SMALL


@each("text", ORDINARY)
@each("locale", LOCALES)
def test_ux_7_answers_are_no_talk(text: str, locale: str) -> None:
    assert match_talk(text, locale) is None


def test_a_long_text_is_a_story_whatever_it_holds() -> None:
    assert (
        match_talk("are you a bot? " + "the sign was hidden behind a tree and nobody could see it at all " * 3, "en")
        is None
    )


@each(
    "text",
    [
        "yes",
        "Y",
        "yep!",
        "yeah",
        "sure",
        "ok",
        "OK.",
        "yes please",
        "of course",
        "👍",
        "sí",
        "Si",
        "vale",
        "claro",
        "yes, thank you sir",
    ],
)
def test_a_plain_yes(text: str) -> None:
    assert match_affirmation(text) is True


@pytest.mark.parametrize(
    "text", ["no", "N", "nope", "No!", "nah", "no thanks", "no, thank you", "👎", "not really", "no gracias"]
)
def test_a_plain_no(text: str) -> None:
    assert match_affirmation(text) is False


@pytest.mark.parametrize(
    "text", ["yes and no", "yes I parked there", "nobody", "maybe", "", "2", "the sign says no", "yesterday"]
)
def test_neither_yes_nor_no(text: str) -> None:
    assert match_affirmation(text) is None


@given(text=st.text(max_size=200))
def test_any_text_is_read_without_trouble(text: str) -> None:
    for locale in LOCALES:
        word = match_word(text, locale, channel="sms")
        assert word is None or isinstance(word.word, Word)
        assert match_talk(text, locale) in (None, *Talk)
        assert match_affirmation(text, locale) in (None, True, False)
