"""A region that has been at work for two months: invented people and cases, made by real moves on a moved clock."""
