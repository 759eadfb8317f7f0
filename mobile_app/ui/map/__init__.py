"""A map without tiles: what to draw and where is worked out in plain arrays (no kivy), `widget` draws it.

`view` projects and moves, `thinning` and `lines` prepare ways, `groups` keeps crowds of marks readable, `marks` draws their
pictures, `ruler` the scale bar, `fling` the inertia, `content` says what there is to show.
"""
