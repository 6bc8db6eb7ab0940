"""A picture on the screen: view, heat, region, tools, tiles."""
