"""An order with its positions: the facts that stand in an invoice."""

from datetime import date
from decimal import Decimal
from enum import Enum

from pydantic import BaseModel


class Currency(Enum):
    EUR = "EUR"
    CHF = "CHF"
    USD = "USD"


class Position(BaseModel):
    article: str
    quantity: int
    unit_price: Decimal


class Invoice(BaseModel):
    supplier: str
    customer: str
    currency: Currency
    positions: list[Position]
    total: Decimal
    due: date | None
    paid: bool


SCHEMA = Invoice
