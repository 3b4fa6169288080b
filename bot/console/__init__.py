"""The staff's pages: who may do what, the day's appointments, danger alerts, leave, and who did what."""
