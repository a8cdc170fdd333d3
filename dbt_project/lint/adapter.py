"""What sqlfluff needs of dbt's adapter to read the models: a dispatched macro becomes a function of its name."""


def dispatch(macro_name):
    return lambda *arguments: f"{macro_name}({', '.join(str(argument) for argument in arguments)})"
