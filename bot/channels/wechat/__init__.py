"""The WeChat Official Account webhook."""

from bot.channels.wechat.web import Webhook, install

__all__ = ["Webhook", "install"]
