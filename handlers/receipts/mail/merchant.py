"""Who was paid, told by a mail: the name beside the address, a brand in the text, the domain (rule EML-6).

`Luna Books Orders <noreply@mail.luna.example>` is Luna Books; a mail that a person wrote says nothing of a merchant.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.core.calls.mail import Mail, MailParty
from handlers.receipts.mail.domains import brand_label, is_personal, sender_words
from handlers.receipts.merchants import display_name, folded, merchant_key, telling_brands

_FIRST_LINES = 25


def merchant_of(mail: Mail, own: Collection[str] = ()) -> str | None:
    """Return the merchant, None when nothing tells; `own` are addresses of the person."""
    sender = mail.sender
    if sender.address in own or (not mail.forwarded and is_personal(sender.address)):
        return _in_text(mail)
    if mail.order is not None and mail.order.merchant and (name := display_name(mail.order.merchant)):
        return name
    return _shown(sender) or _in_text(mail) or _of_domain(sender)


def _shown(sender: MailParty) -> str | None:
    """Return what remains of a display name without the words that say what writes."""
    name = re.sub(r"\S+@\S+", " ", sender.name)
    name = re.split(r"\s+(?:via|on behalf of|über|a través de)\s+", name, flags=re.I)[0]
    generic = sender_words()["generic"]
    words = name.split()
    for count in (3, 2, 1):
        while len(words) >= count and _plain(words[-count:]) in generic:
            words = words[:-count]
        while len(words) >= count and _plain(words[:count]) in generic and len(words) > count:
            words = words[count:]
    name = " ".join(words).strip(" ,.-|:'\"")
    if not name or _plain([name]) in generic:
        return None
    return display_name(re.sub(r"\.(?:com|net|org|de|fr|es|io|co\.uk)$", "", name, flags=re.I))


def _plain(words: list[str]) -> str:
    return re.sub(r"[^\w -]", "", folded(" ".join(words))).strip()


def _in_text(mail: Mail) -> str | None:
    """Return the brand that the subject or the first lines name."""
    for line in (mail.subject, *mail.lines[:_FIRST_LINES]):
        words = line[:120].split()
        for count in (4, 3, 2, 1):
            for at in range(len(words) - count + 1):
                brand = telling_brands().get(merchant_key(" ".join(words[at : at + count]).strip(".,:;!()")))
                if brand and words[at][:1].isupper():
                    return brand
    return None


def _of_domain(sender: MailParty) -> str | None:
    label = brand_label(sender.address.rpartition("@")[2])
    return display_name(label.replace("-", " ")) if label else None
