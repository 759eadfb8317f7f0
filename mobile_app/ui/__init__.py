"""What the person sees. Screens show what files say and write what was chosen; nothing here measures, records or sends.

Modules without a widget in them (theme, words, glance, strip …) import no Kivy, and hold whatever is worth testing alone.
"""
