"""The WeChat Official Account webhook."""
