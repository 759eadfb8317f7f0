"""The screens, one module and one .kv file of the same name each; `navigation` lists them, `page.Page` is what they are."""
