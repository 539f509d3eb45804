print("argyle-relay")
