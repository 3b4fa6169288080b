"""澄法通: a county's public-legal-service assistant."""
