"""What the law says: statutes, editors' answers that rest on them, what is not answered, which door is the right one."""
