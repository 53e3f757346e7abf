"""The words of tickets' titles, as the inbox looks them up."""

from __future__ import annotations

from typing import Final

from django.db import models

from approvals.models.inbox import ApprovalInboxItem

LONGEST: Final = 64  # characters of a word that count


class TitleWord(models.Model):
    """A word that a title has or had, in lower case (`approvals.words.words_of`)."""

    text = models.CharField(max_length=LONGEST, unique=True)

    class Meta:
        db_table = "approval_inbox_words"

    def __str__(self) -> str:
        return self.text


class ItemWord(models.Model):
    """That a ticket's title has a word. The key is in the order of the list: the newest tickets
    that have a word are found without a look at the others, however many there are."""

    pk = models.CompositePrimaryKey("word_id", "item_id")
    word = models.ForeignKey(TitleWord, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(
        ApprovalInboxItem, on_delete=models.CASCADE, related_name="words", db_index=False
    )

    class Meta:
        db_table = "approval_inbox_item_words"
        indexes = [models.Index(fields=["item", "word"], name="inbox_item_word")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.word_id}"
