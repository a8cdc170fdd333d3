"""The made-up register of 27 municipalities, whose counts of 2015–2019 meet the printed tables; what comes later meets none."""
