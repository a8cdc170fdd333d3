"""Running it day after day: settings in a file, checks of the machine, outcomes, alerts, backup. Nothing here makes a figure."""
