"""The WeChat Official Account webhook."""

from bot.channels.wechat.web import routes

__all__ = ["routes"]
