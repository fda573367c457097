"""Claude as a local server: the Messages API with its refusals, streams and honest token counts.

It answers by simple rules from the data blocks of the request, so that the demo works and stays truthful; tests put
`Scripted` answers in front of the rules to see an added fact, a refusal or broken JSON met.
"""

from integrations.fakes.claude.answers import KINDS, Scripted
from integrations.fakes.claude.server import ClaudeFake
from integrations.fakes.claude.tidying import tidy

__all__ = ["KINDS", "ClaudeFake", "Scripted", "tidy"]
