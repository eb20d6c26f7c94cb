"""Do measured values follow the distributions that the rules declare?"""
