"""A tokenizer that knows both scripts and how shopkeepers run numbers and units together."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu.component import Fixed
from nlu.text import split


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class ShopTokenizer(Fixed, Tokenizer):
    """Splits digits, letters of each script and symbols; a token's lemma is its folded form.

    Offsets point into the user's own text, which is never rewritten.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        Tokenizer.__init__(self, config)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return what Rasa's tokenizers must have."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the tokens of one text of the message."""
        text = message.get(attribute)
        pieces = split(text)
        if not pieces:
            return [Token(text, 0)]
        return [Token(p.text, p.start, p.end, lemma=p.normal or p.text) for p in pieces]
