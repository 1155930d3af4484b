"""The cases, by what they are about. Importing a module of this package registers its cases."""
