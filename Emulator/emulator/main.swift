import ArgumentParser

print("placeholder")
