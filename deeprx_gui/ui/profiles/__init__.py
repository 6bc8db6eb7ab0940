"""The Profiles page: what this PC can inspect, and its history."""
