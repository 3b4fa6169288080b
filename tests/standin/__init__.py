"""A stand-in for WeChat's platform, for tests, for the bench, and for trying the WeChat side without an account.

It speaks the documented behaviour, strictly: a reply that the real platform would not take is a defect here. It shares no
code with the gateway.
"""

from tests.standin.account import Account
from tests.standin.bubbles import APOLOGY, Bubble, Choice
from tests.standin.courier import Exchange
from tests.standin.phone import Phone
from tests.standin.platform import Standin
from tests.standin.weather import Fault, Weather

__all__ = ["APOLOGY", "Account", "Bubble", "Choice", "Exchange", "Fault", "Phone", "Standin", "Weather"]
