# In a checkout the package is not installed, and pytest does not find the plugin by itself.
pytest_plugins = ["parley_test.plugin", "pytester"]
