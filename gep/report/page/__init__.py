"""The report as one page of HTML that needs no network: for who reads it, and for who works with it.

An account comes in; `report.html` goes out, with all tables in Chinese and English, a map of the counties, charts and
the arithmetic of every figure. Without scripts it is a document; scripts sort, draw and switch.

    write         the file: templates, scripts and styles put together, with a strict policy of what may run
    content       what the page says, by language
    explanations  the arithmetic of services in counties, small enough for a page
    drawing       the map of overload, drawn in the page
    pictures      maps of the run as small pictures

Beside them lie the template of the page (`templates`) and, in `static`, its style, its script and the library of charts
as it was published: Apache ECharts 6.1.0, dist/echarts.min.js of the npm package, under the Apache License 2.0.
"""
