"""A tokenizer that knows both scripts and how shopkeepers run numbers and units together."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu import fingerprint
from nlu.text import split


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class ShopTokenizer(Tokenizer):
    """Splits digits, letters of each script and symbols; a token's lemma is its folded form.

    Offsets point into the user's own text, which is never rewritten.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return what Rasa's tokenizers must have."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,  # noqa: ARG003 - Rasa's signature
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> ShopTokenizer:
        """Make the tokenizer."""
        return cls(config)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:  # noqa: ARG003
        """Return what else a trained model depends on."""
        return fingerprint.of_modules()

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the tokens of one text of the message."""
        text = message.get(attribute)
        pieces = split(text)
        if not pieces:
            return [Token(text, 0)]
        return [Token(p.text, p.start, p.end, lemma=p.normal or p.text) for p in pieces]
