"""What the reference agency systems have in common: a desk that receives, keeps cases, and takes commands."""

from adapters.reference.case_list import CaseList
from adapters.reference.desk import Desk
from adapters.reference.draft import Draft, NotUnderstood, Request, Verb
from adapters.reference.process import main

__all__ = ["CaseList", "Desk", "Draft", "NotUnderstood", "Request", "Verb", "main"]
