"""Who is at this station: names, roles and the audit trail, where a central place knows people."""
