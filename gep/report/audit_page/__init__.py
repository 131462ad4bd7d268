"""An audit as one page of HTML: the tables as they were printed, with what fails marked where it stands.

An audit comes in; a page goes out that a reviewer sends to an author. It has no script, loads nothing, and stands in
both languages at once, or in one.

    write   the page from its template (`audit.html.j2`) and its style (`audit.css`)
"""
