"""Words to times. Each row says what a reader of that day's paper would understand."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.records import Article
from extractor.resolve import RESOLVERS, Resolution, ResolvedTime, Words, resolve_time

MONDAY = date(2023, 9, 11)

# Rows: words | tense | value | first..last day ("=" for the day itself, "-" for neither) |
# granularity | mod. Published on Monday 11 September 2023.

VOCABULARY = """
Monday              |        | 2023-09-11 | =                      | day   |
as early as Tuesday |        | 2023-09-12 | 2023-09-12..           | day   | ON_OR_AFTER
late on Sunday      |        | 2023-09-10 | =                      | day   | END
in the coming days  |        | FUTURE_REF | 2023-09-12..           | day   |
until 13 September  |        | 2023-09-13 | ..2023-09-13           | day   | ON_OR_BEFORE
last week           |        | 2023-W36   | 2023-09-04..2023-09-10 | week  |
In 2019             |        | 2019       | 2019-01-01..2019-12-31 | year  |
last month          |        | 2023-08    | 2023-08-01..2023-08-31 | month |
"""

DAYS = """
Tuesday                     |        | 2023-09-05 | = | day |
on Tuesday                  | PAST   | 2023-09-05 | = | day |
on Tuesday                  | FUTURE | 2023-09-12 | = | day |
on Tuesday                  | PRESENT | 2023-09-05 | = | day |
on Monday                   | PAST   | 2023-09-11 | = | day |
on Monday                   | FUTURE | 2023-09-11 | = | day |
he will come on Tuesday     |        | 2023-09-12 | = | day |
Monday’s                    |        | 2023-09-11 | = | day |
On Saturday morning         |        | 2023-09-09 | = | day |
the evening of Friday       |        | 2023-09-08 | = | day |
in the early hours of Monday |       | 2023-09-11 | = | day | START
before dawn on Sunday       |        | 2023-09-10 | = | day |
shortly after midnight on Sunday |   | 2023-09-10 | = | day |
overnight on Sunday         |        | 2023-09-10 | = | day |
early on Friday             |        | 2023-09-08 | = | day | START
this Friday                 |        | 2023-09-15 | = | day |
this Friday                 | PAST   | 2023-09-08 | = | day |
this Sunday                 | FUTURE | 2023-09-17 | = | day |
the daily briefing on Monday |       | 2023-09-11 | = | day |
the coming Friday           |        | 2023-09-15 | = | day |
this past Friday            |        | 2023-09-08 | = | day |
last Friday                 |        | 2023-09-08 | = | day |
last Monday                 |        | 2023-09-04 | = | day |
next Monday                 |        | 2023-09-18 | = | day |
Tuesday next week           |        | 2023-09-19 | = | day |
Monday night after the vote |        | 2023-09-11 | = | day |
today                       |        | 2023-09-11 | = | day |
tonight                     |        | 2023-09-11 | = | day |
this morning                |        | 2023-09-11 | = | day |
yesterday                   |        | 2023-09-10 | = | day |
last night                  |        | 2023-09-10 | = | day |
tomorrow                    |        | 2023-09-12 | = | day |
the day after tomorrow      |        | 2023-09-13 | = | day |
the day before yesterday    |        | 2023-09-09 | = | day |
25/12/2024                  |        | 2024-12-25 | = | day |
the evening of Friday, September 8 | | 2023-09-08 | = | day |
Friday night                |        | 2023-09-08 | = | day |
Monday evening              |        | 2023-09-11 | = | day |
On Monday                   |        | 2023-09-11 | = | day |
late on Sunday and          |        | 2023-09-10 | = | day | END
Sept 11th                   |        | 2023-09-11 | = | day |
Monday (11 September)       |        | 2023-09-11 | = | day |
today, Monday               |        | 2023-09-11 | = | day |
next Friday, 15 September   |        | 2023-09-15 | = | day |
two days ago                |        | 2023-09-09 | = | day |
three days from now         |        | 2023-09-14 | = | day |
11 September 2023           |        | 2023-09-11 | = | day |
September 11, 2023          |        | 2023-09-11 | = | day |
the 11th of September, 2023 |        | 2023-09-11 | = | day |
SEPT. 11 (AP)               |        | 2023-09-11 | = | day |
11 Sep.                     |        | 2023-09-11 | = | day |
Monday, September 11        |        | 2023-09-11 | = | day |
Sept. 4, a Monday           |        | 2023-09-04 | = | day |
2023-09-11                  |        | 2023-09-11 | = | day |
13/02/2024                  |        | 2024-02-13 | = | day |
25.12.2024                  |        | 2024-12-25 | = | day |
23 November 1983            |        | 1983-11-23 | = | day |
5 June                      |        | 2023-06-05 | = | day |
5 June                      | PAST   | 2023-06-05 | = | day |
5 June                      | FUTURE | 2024-06-05 | = | day |
13 September                | PAST   | 2022-09-13 | = | day |
11 September                | PAST   | 2023-09-11 | = | day |
11 September                | FUTURE | 2023-09-11 | = | day |
29 February                 | FUTURE | 2024-02-29 | = | day |
29 February                 | PAST   | 2020-02-29 | = | day |
the 12th of this month      |        | 2023-09-12 | = | day |
the first Monday of May     |        | 2023-05-01 | = | day |
the second Tuesday in August |       | 2023-08-08 | = | day |
the last Friday of last month |      | 2023-08-25 | = | day |
the last day of August      |        | 2023-08-31 | = | day |
"""

CLOCK_TIMES = """
at 3 p.m. on Tuesday            | FUTURE | 2023-09-12T15:00  | =            | hour   |
at 06:00 GMT Monday             |        | 2023-09-11T06:00Z | =            | minute |
at 0600 GMT on Monday           |        | 2023-09-11T06:00Z | =            | minute |
at 3 p.m. (1200 GMT) on Tuesday | FUTURE | 2023-09-12T15:00  | =            | hour   |
10 a.m. on Monday               |        | 2023-09-11T10:00  | =            | hour   |
12 a.m. Sunday                  |        | 2023-09-10T00:00  | =            | hour   |
Sept. 11, 2023, 10:30 a.m.      |        | 2023-09-11T10:30  | =            | minute |
Friday at about 9 p.m.          |        | 2023-09-08T21:00  | =            | hour   | APPROX
by noon on Wednesday            | FUTURE | 2023-09-13T12:00  | ..2023-09-13 | hour   | ON_OR_BEFORE
after 3 p.m. on Tuesday         | FUTURE | 2023-09-12T15:00  | 2023-09-12.. | hour   | AFTER
Monday before noon              |        | 2023-09-11T12:00  | ..2023-09-11 | hour   | BEFORE
2023-09-11T06:00Z               |        | 2023-09-11T06:00Z | =            | minute |
"""


PERIODS = """
August 2023             |        | 2023-08    | 2023-08-01..2023-08-31 | month   |
in July                 |        | 2023-07    | 2023-07-01..2023-07-31 | month   |
in July                 | FUTURE | 2024-07    | 2024-07-01..2024-07-31 | month   |
in September            | FUTURE | 2023-09    | 2023-09-01..2023-09-30 | month   |
In May                  |        | 2023-05    | 2023-05-01..2023-05-31 | month   |
last September          |        | 2022-09    | 2022-09-01..2022-09-30 | month   |
September last year     |        | 2022-09    | 2022-09-01..2022-09-30 | month   |
in October              |        | 2022-10    | 2022-10-01..2022-10-31 | month   |
a week ago on           |        | 2023-W36   | 2023-09-04..2023-09-10 | week    |
this month              |        | 2023-09    | 2023-09-01..2023-09-30 | month   |
mid-January             |        | 2023-01    | 2023-01-11..2023-01-20 | month   | MID
early August            |        | 2023-08    | 2023-08-01..2023-08-10 | month   | START
the end of March        |        | 2023-03    | 2023-03-21..2023-03-31 | month   | END
the first days of August |       | 2023-08    | 2023-08-01..2023-08-10 | month   | START
the second half of August |      | 2023-08    | 2023-08-16..2023-08-31 | month   | END
later this month        |        | 2023-09    | 2023-09-11..2023-09-30 | month   | END
earlier this month      |        | 2023-09    | 2023-09-01..2023-09-11 | month   | START
this week               |        | 2023-W37   | 2023-09-11..2023-09-17 | week    |
next week               |        | 2023-W38   | 2023-09-18..2023-09-24 | week    |
late last week          |        | 2023-W36   | 2023-09-04..2023-09-10 | week    | END
the week before last    |        | 2023-W35   | 2023-08-28..2023-09-03 | week    |
two weeks ago           |        | 2023-W35   | 2023-08-28..2023-09-03 | week    |
in two weeks            | FUTURE | 2023-W39   | 2023-09-25..2023-10-01 | week    |
a month ago             |        | 2023-08    | 2023-08-01..2023-08-31 | month   |
18 months ago           |        | 2022-03    | 2022-03-01..2022-03-31 | month   |
about a year ago        |        | 2022       | 2022-01-01..2022-12-31 | year    | APPROX
more than two years ago |        | 2021       | ..2021-12-31           | year    | ON_OR_BEFORE
next year               |        | 2024       | 2024-01-01..2024-12-31 | year    |
the year after next     |        | 2025       | 2025-01-01..2025-12-31 | year    |
early 2020              |        | 2020       | 2020-01-01..2020-04-30 | year    | START
mid-2020                |        | 2020       | 2020-05-01..2020-08-31 | year    | MID
late 2020               |        | 2020       | 2020-09-01..2020-12-31 | year    | END
the end of the year     |        | 2023       | 2023-09-01..2023-12-31 | year    | END
this weekend            |        | 2023-W37-WE | 2023-09-16..2023-09-17 | weekend |
last weekend            |        | 2023-W36-WE | 2023-09-09..2023-09-10 | weekend |
over the weekend        | PAST   | 2023-W36-WE | 2023-09-09..2023-09-10 | weekend |
over the weekend        | FUTURE | 2023-W37-WE | 2023-09-16..2023-09-17 | weekend |
the weekend of 2 September |     | 2023-W35-WE | 2023-09-02..2023-09-03 | weekend |
the third quarter       |        | 2023-Q3    | 2023-07-01..2023-09-30 | quarter |
Q3 2023                 |        | 2023-Q3    | 2023-07-01..2023-09-30 | quarter |
the last quarter of 2022 |       | 2022-Q4    | 2022-10-01..2022-12-31 | quarter |
the week of 4 September |        | 2023-W36   | 2023-09-04..2023-09-10 | week    |
a fortnight ago         |        | 2023-W35   | 2023-08-28..2023-09-03 | week    |
last quarter            |        | 2023-Q2    | 2023-04-01..2023-06-30 | quarter |
the first quarter of next year | | 2024-Q1    | 2024-01-01..2024-03-31 | quarter |
the first half of 2024  |        | 2024-H1    | 2024-01-01..2024-06-30 | half    |
the second half of last year |   | 2022-H2    | 2022-07-01..2022-12-31 | half    |
in spring 2021          |        | 2021-SP    | 2021-03-01..2021-05-31 | season  |
last summer             |        | 2022-SU    | 2022-06-01..2022-08-31 | season  |
this winter             |        | 2023-WI    | 2023-12-01..2024-02-29 | season  |
last winter             |        | 2022-WI    | 2022-12-01..2023-02-28 | season  |
the winter of 2021-22   |        | 2021-WI    | 2021-12-01..2022-02-28 | season  |
in the spring           | FUTURE | 2024-SP    | 2024-03-01..2024-05-31 | season  |
in late summer          |        | 2023-SU    | 2023-08-01..2023-08-31 | season  | END
the fall of 2020        |        | 2020-FA    | 2020-09-01..2020-11-30 | season  |
the 1990s               |        | 199        | 1990-01-01..1999-12-31 | decade  |
the nineties            |        | 199        | 1990-01-01..1999-12-31 | decade  |
the mid-1990s           |        | 199        | 1994-01-01..1996-12-31 | decade  | MID
the '80s                |        | 198        | 1980-01-01..1989-12-31 | decade  |
the 19th century        |        | 18         | 1800-01-01..1899-12-31 | century |
the nineteenth century  |        | 18         | 1800-01-01..1899-12-31 | century |
last century            |        | 19         | 1900-01-01..1999-12-31 | century |
"""

LIMITS = """
as early as Tuesday        | PAST   | 2023-09-12 | 2023-09-12..           | day   | ON_OR_AFTER
as early as next month     |        | 2023-10    | 2023-10-01..           | month | ON_OR_AFTER
no earlier than October 2024 |      | 2024-10    | 2024-10-01..           | month | ON_OR_AFTER
Wednesday at the earliest  |        | 2023-09-13 | 2023-09-13..           | day   | ON_OR_AFTER
not until Friday           |        | 2023-09-15 | 2023-09-15..           | day   | ON_OR_AFTER
since Saturday             |        | 2023-09-09 | 2023-09-09..           | day   | ON_OR_AFTER
since 2019                 |        | 2019       | 2019-01-01..           | year  | ON_OR_AFTER
since late 2020            |        | 2020       | 2020-09-01..           | year  | ON_OR_AFTER
by Friday                  |        | 2023-09-15 | ..2023-09-15           | day   | ON_OR_BEFORE
by Friday                  | PAST   | 2023-09-08 | ..2023-09-08           | day   | ON_OR_BEFORE
until 13 September         | PAST   | 2023-09-13 | ..2023-09-13           | day   | ON_OR_BEFORE
until October              | PAST   | 2023-10    | ..2023-10-31           | month | ON_OR_BEFORE
until at least Friday      |        | 2023-09-15 | 2023-09-15..           | day   | ON_OR_AFTER
by midnight Friday         | FUTURE | 2023-09-15 | ..2023-09-15           | day   | ON_OR_BEFORE
by the end of September    |        | 2023-09    | ..2023-09-30           | month | ON_OR_BEFORE
by the end of the year     |        | 2023       | ..2023-12-31           | year  | ON_OR_BEFORE
by mid-October             | FUTURE | 2023-10    | ..2023-10-20           | month | ON_OR_BEFORE
before the week is out     |        | 2023-W37   | ..2023-09-17           | week  | ON_OR_BEFORE
before 4 September         |        | 2023-09-04 | ..2023-09-03           | day   | BEFORE
before 4 September         | FUTURE | 2024-09-04 | ..2024-09-03           | day   | BEFORE
after 4 September          |        | 2023-09-04 | 2023-09-05..           | day   | AFTER
after 2019                 |        | 2019       | 2020-01-01..           | year  | AFTER
before the end of 2022     |        | 2022       | ..2022-12-31           | year  | BEFORE
around 2015                |        | 2015       | 2015-01-01..2015-12-31 | year  | APPROX
"""

RANGES = """
13-15 September             |        | 2023-09-13/2023-09-15 | 2023-09-13..2023-09-15 | day   |
from 11 to 13 September     |        | 2023-09-11/2023-09-13 | 2023-09-11..2023-09-13 | day   |
11–13 September 2022        |        | 2022-09-11/2022-09-13 | 2022-09-11..2022-09-13 | day   |
between September 11 and 13 |        | 2023-09-11/2023-09-13 | 2023-09-11..2023-09-13 | day   |
between 3 and 5 May         |        | 2023-05-03/2023-05-05 | 2023-05-03..2023-05-05 | day   |
between 3 and 5 May         | FUTURE | 2024-05-03/2024-05-05 | 2024-05-03..2024-05-05 | day   |
from 9 to 13 September      | PAST   | 2023-09-09/2023-09-13 | 2023-09-09..2023-09-13 | day   |
from 9 to 13 September      | FUTURE | 2023-09-09/2023-09-13 | 2023-09-09..2023-09-13 | day   |
Dec. 31–Jan. 2              |        | 2023-12-31/2024-01-02 | 2023-12-31..2024-01-02 | day   |
from Monday to Wednesday    |        | 2023-09-11/2023-09-13 | 2023-09-11..2023-09-13 | day   |
between Sunday and Wednesday |       | 2023-09-10/2023-09-13 | 2023-09-10..2023-09-13 | day   |
from Monday to Friday next week |    | 2023-09-18/2023-09-22 | 2023-09-18..2023-09-22 | day   |
overnight from Wednesday to Thursday | | 2023-09-06/2023-09-07 | 2023-09-06..2023-09-07 | day |
overnight into Thursday     |        | 2023-09-06/2023-09-07 | 2023-09-06..2023-09-07 | day   |
from 28 December to 3 January 2024 | | 2023-12-28/2024-01-03 | 2023-12-28..2024-01-03 | day   |
from today to tomorrow      |        | 2023-09-11/2023-09-12 | 2023-09-11..2023-09-12 | day   |
from March 2020 to May 2021 |        | 2020-03/2021-05       | 2020-03-01..2021-05-31 | month |
from late March to early May |       | 2023-03/2023-05       | 2023-03-21..2023-05-10 | month |
from December to February   |        | 2022-12/2023-02       | 2022-12-01..2023-02-28 | month |
2019-2021                   |        | 2019/2021             | 2019-01-01..2021-12-31 | year  |
the last week of August     |        | 2023-08-25/2023-08-31 | 2023-08-25..2023-08-31 | week  |
the first week of May 2022  |        | 2022-05-01/2022-05-07 | 2022-05-01..2022-05-07 | week  |
the last weekend of August  |        | 2023-08-26/2023-08-27 | 2023-08-26..2023-08-27 | weekend |
the first three months of 2024 |     | 2024-01/2024-03       | 2024-01-01..2024-03-31 | month |
"""

OPEN = """
in coming weeks        |        | FUTURE_REF | 2023-09-12..           | week  |
over the next few days |        | FUTURE_REF | 2023-09-12..           | day   |
in recent days         |        | PAST_REF   | ..2023-09-11           | day   |
in recent months       |        | PAST_REF   | ..2023-09-11           | month |
the past few weeks     |        | PAST_REF   | ..2023-09-11           | week  |
a few days ago         |        | PAST_REF   | ..2023-09-11           | day   |
"""

LENGTHS = """
for three days          |        | P3D   | -                      | day   |
a two-week strike       |        | P2W   | -                      | week  |
nearly three hours      |        | PT3H  | -                      | hour  | APPROX
for more than two weeks |        | P2W   | -                      | week  | MORE_THAN
the past three days     |        | P3D   | 2023-09-08..2023-09-11 | day   |
in the past week        |        | P1W   | 2023-09-04..2023-09-11 | week  |
over the last week      |        | P1W   | 2023-09-04..2023-09-11 | week  |
the last six months     |        | P6M   | 2023-03-11..2023-09-11 | month |
in the past 24 hours    |        | PT24H | 2023-09-10..2023-09-11 | hour  |
over the next two weeks |        | P2W   | 2023-09-11..2023-09-25 | week  |
within three days       | FUTURE | P3D   | 2023-09-11..2023-09-14 | day   |
the past decade         |        | P10Y  | 2013-09-11..2023-09-11 | decade |
"""

SETS = """
every Monday     |  | XXXX-WXX-1  | - | day     |
Mondays          |  | XXXX-WXX-1  | - | day     |
each Sunday      |  | XXXX-WXX-7  | - | day     |
daily            |  | XXXX-XX-XX  | - | day     |
every month      |  | XXXX-XX     | - | month   |
every weekend    |  | XXXX-WXX-WE | - | weekend |
every September  |  | XXXX-09     | - | month   |
every summer     |  | XXXX-SU     | - | season  |
every two weeks  |  | P2W         | - | week    |
"""

SPANISH = """
el lunes                       |        | 2023-09-11  | =                      | day     |
el martes                      | PAST   | 2023-09-05  | =                      | day     |
el martes                      | FUTURE | 2023-09-12  | =                      | day     |
el miércoles pasado            |        | 2023-09-06  | =                      | day     |
este sábado                    | PAST   | 2023-09-09  | =                      | day     |
el próximo viernes             |        | 2023-09-15  | =                      | day     |
el sábado por la mañana        |        | 2023-09-09  | =                      | day     |
hoy                            |        | 2023-09-11  | =                      | day     |
ayer                           |        | 2023-09-10  | =                      | day     |
mañana                         |        | 2023-09-12  | =                      | day     |
pasado mañana                  |        | 2023-09-13  | =                      | day     |
el 13 de septiembre            |        | 2023-09-13  | =                      | day     |
lunes 11 de septiembre de 2023 |        | 2023-09-11  | =                      | day     |
el 28 de diciembre             | PAST   | 2022-12-28  | =                      | day     |
el 12/02/2024                  |        | 2024-02-12  | =                      | day     |
hace tres días                 |        | 2023-09-08  | =                      | day     |
dentro de dos semanas          |        | 2023-W39    | 2023-09-25..2023-10-01 | week    |
la semana pasada               |        | 2023-W36    | 2023-09-04..2023-09-10 | week    |
el mes pasado                  |        | 2023-08     | 2023-08-01..2023-08-31 | month   |
el próximo año                 |        | 2024        | 2024-01-01..2024-12-31 | year    |
marzo de 2021                  |        | 2021-03     | 2021-03-01..2021-03-31 | month   |
a mediados de enero            |        | 2023-01     | 2023-01-11..2023-01-20 | month   | MID
a principios de 2020           |        | 2020        | 2020-01-01..2020-04-30 | year    | START
a finales de marzo             |        | 2023-03     | 2023-03-21..2023-03-31 | month   | END
desde el sábado                |        | 2023-09-09  | 2023-09-09..   | day | ON_OR_AFTER
hasta el 13 de septiembre      |        | 2023-09-13  | ..2023-09-13   | day | ON_OR_BEFORE
antes del 4 de septiembre      |        | 2023-09-04  | ..2023-09-03           | day     | BEFORE
del 13 al 15 de septiembre     |        | 2023-09-13/2023-09-15 | 2023-09-13..2023-09-15 | day     |
entre el 3 y el 5 de mayo      |        | 2023-05-03/2023-05-05 | 2023-05-03..2023-05-05 | day     |
del lunes al miércoles         |        | 2023-09-11/2023-09-13 | 2023-09-11..2023-09-13 | day     |
en los últimos tres días       |        | P3D         | 2023-09-08..2023-09-11 | day     |
en los próximos días           |        | FUTURE_REF  | 2023-09-12..           | day     |
el fin de semana pasado        |        | 2023-W36-WE | 2023-09-09..2023-09-10 | weekend |
los años noventa               |        | 199         | 1990-01-01..1999-12-31 | decade  |
el siglo XIX                   |        | 18          | 1800-01-01..1899-12-31 | century |
el tercer trimestre de 2023    |        | 2023-Q3     | 2023-07-01..2023-09-30 | quarter |
el pasado 15 de septiembre     |        | 2022-09-15  | =                      | day     |
el primer lunes de mayo        |        | 2023-05-01  | =                      | day     |
la semana del 4 de septiembre  |        | 2023-W36    | 2023-09-04..2023-09-10 | week    |
a fin de mes                   |        | 2023-09     | 2023-09-21..2023-09-30 | month   | END
entre 2019 y 2021              |        | 2019/2021   | 2019-01-01..2021-12-31 | year    |
todos los lunes                |        | XXXX-WXX-1  | -                      | day     |
el martes a las 15:00          | FUTURE | 2023-09-12T15:00 | =                      | minute  |
"""

FRENCH = """
lundi                          |        | 2023-09-11  | =                      | day     |
mardi                          | FUTURE | 2023-09-12  | =                      | day     |
vendredi dernier               |        | 2023-09-08  | =                      | day     |
vendredi prochain              |        | 2023-09-15  | =                      | day     |
samedi matin                   |        | 2023-09-09  | =                      | day     |
aujourd’hui                    |        | 2023-09-11  | =                      | day     |
hier soir                      |        | 2023-09-10  | =                      | day     |
après-demain                   |        | 2023-09-13  | =                      | day     |
le 13 septembre                |        | 2023-09-13  | =                      | day     |
le lundi 11 septembre 2023     |        | 2023-09-11  | =                      | day     |
le 1er mai                     |        | 2023-05-01  | =                      | day     |
le 3 janvier                   | FUTURE | 2024-01-03  | =                      | day     |
il y a trois jours             |        | 2023-09-08  | =                      | day     |
dans deux semaines             |        | 2023-W39    | 2023-09-25..2023-10-01 | week    |
la semaine dernière            |        | 2023-W36    | 2023-09-04..2023-09-10 | week    |
le mois dernier                |        | 2023-08     | 2023-08-01..2023-08-31 | month   |
l’année prochaine              |        | 2024        | 2024-01-01..2024-12-31 | year    |
mars 2021                      |        | 2021-03     | 2021-03-01..2021-03-31 | month   |
en août                        |        | 2023-08     | 2023-08-01..2023-08-31 | month   |
mi-janvier                     |        | 2023-01     | 2023-01-11..2023-01-20 | month   | MID
début 2020                     |        | 2020        | 2020-01-01..2020-04-30 | year    | START
à la fin du mois de mars       |        | 2023-03     | 2023-03-21..2023-03-31 | month   | END
depuis samedi                  |        | 2023-09-09  | 2023-09-09..   | day | ON_OR_AFTER
dès mardi                      |        | 2023-09-12  | 2023-09-12..   | day | ON_OR_AFTER
jusqu’au 13 septembre          |        | 2023-09-13  | ..2023-09-13   | day | ON_OR_BEFORE
avant le 4 septembre           |        | 2023-09-04  | ..2023-09-03           | day     | BEFORE
du 13 au 15 septembre          |        | 2023-09-13/2023-09-15 | 2023-09-13..2023-09-15 | day     |
de lundi à mercredi            |        | 2023-09-11/2023-09-13 | 2023-09-11..2023-09-13 | day     |
ces trois derniers jours       |        | P3D         | 2023-09-08..2023-09-11 | day     |
l’été dernier                  |        | 2022-SU     | 2022-06-01..2022-08-31 | season  |
les années quatre-vingt-dix    |        | 199         | 1990-01-01..1999-12-31 | decade  |
au XIXe siècle                 |        | 18          | 1800-01-01..1899-12-31 | century |
pendant trois jours            |        | P3D         | -                      | day     |
le 15 septembre dernier        |        | 2022-09-15  | =                      | day     |
le premier lundi de mai        |        | 2023-05-01  | =                      | day     |
la semaine du 4 septembre      |        | 2023-W36    | 2023-09-04..2023-09-10 | week    |
d’ici la fin de l’année        |        | 2023        | ..2023-12-31         | year | ON_OR_BEFORE
entre 2019 et 2021             |        | 2019/2021   | 2019-01-01..2021-12-31 | year    |
tous les lundis                |        | XXXX-WXX-1  | -                      | day     |
mardi à 15h30                  | FUTURE | 2023-09-12T15:30 | =                      | minute  |
"""

GERMAN = """
am Montag                      |        | 2023-09-11  | =                      | day     |
am Dienstag                    | FUTURE | 2023-09-12  | =                      | day     |
am vergangenen Freitag         |        | 2023-09-08  | =                      | day     |
spät am Sonntag                |        | 2023-09-10  | =                      | day     | END
heute Morgen                   |        | 2023-09-11  | =                      | day     |
gestern                        |        | 2023-09-10  | =                      | day     |
morgen                         |        | 2023-09-12  | =                      | day     |
übermorgen                     |        | 2023-09-13  | =                      | day     |
13. September                  |        | 2023-09-13  | =                      | day     |
Montag, den 11. September      |        | 2023-09-11  | =                      | day     |
am 12.02.2024                  |        | 2024-02-12  | =                      | day     |
am 28. Dezember                | PAST   | 2022-12-28  | =                      | day     |
vor drei Tagen                 |        | 2023-09-08  | =                      | day     |
in zwei Wochen                 | FUTURE | 2023-W39    | 2023-09-25..2023-10-01 | week    |
letzte Woche                   |        | 2023-W36    | 2023-09-04..2023-09-10 | week    |
im vergangenen Monat           |        | 2023-08     | 2023-08-01..2023-08-31 | month   |
nächstes Jahr                  |        | 2024        | 2024-01-01..2024-12-31 | year    |
im März 2021                   |        | 2021-03     | 2021-03-01..2021-03-31 | month   |
Mitte Januar                   |        | 2023-01     | 2023-01-11..2023-01-20 | month   | MID
Anfang 2020                    |        | 2020        | 2020-01-01..2020-04-30 | year    | START
Ende März                      |        | 2023-03     | 2023-03-21..2023-03-31 | month   | END
seit Samstag                   |        | 2023-09-09  | 2023-09-09..   | day | ON_OR_AFTER
frühestens am Dienstag         |        | 2023-09-12  | 2023-09-12..   | day | ON_OR_AFTER
bis zum 13. September          |        | 2023-09-13  | ..2023-09-13   | day | ON_OR_BEFORE
vor dem 4. September           |        | 2023-09-04  | ..2023-09-03           | day     | BEFORE
vom 13. bis 15. September      |        | 2023-09-13/2023-09-15 | 2023-09-13..2023-09-15 | day     |
von Montag bis Mittwoch        |        | 2023-09-11/2023-09-13 | 2023-09-11..2023-09-13 | day     |
in der Nacht zum Donnerstag    |        | 2023-09-06/2023-09-07 | 2023-09-06..2023-09-07 | day     |
in den vergangenen drei Tagen  |        | P3D         | 2023-09-08..2023-09-11 | day     |
in den letzten Monaten         |        | PAST_REF    | ..2023-09-11           | month   |
am Wochenende                  | PAST   | 2023-W36-WE | 2023-09-09..2023-09-10 | weekend |
im Sommer 2021                 |        | 2021-SU     | 2021-06-01..2021-08-31 | season  |
in den 1990er Jahren           |        | 199         | 1990-01-01..1999-12-31 | decade  |
im 19. Jahrhundert             |        | 18          | 1800-01-01..1899-12-31 | century |
drei Tage lang                 |        | P3D         | -                      | day     |
am ersten Montag im Mai        |        | 2023-05-01  | =                      | day     |
Ende letzten Jahres            |        | 2022        | 2022-09-01..2022-12-31 | year    | END
zwischen 2019 und 2021         |        | 2019/2021   | 2019-01-01..2021-12-31 | year    |
jeden Montag                   |        | XXXX-WXX-1  | -                      | day     |
am Dienstag um 15.30 Uhr       | FUTURE | 2023-09-12T15:30 | =                      | minute  |
"""


@dataclass(frozen=True)
class Row:
    """One row of a table: the words, and what they mean."""

    quote: str
    tense: str | None
    expected: ResolvedTime

    def __str__(self) -> str:
        return " ".join(filter(None, (self.quote, self.tense)))


def rows(table: str, kind: str = "DATE") -> Iterator[Row]:
    for line in table.strip().splitlines():
        quote, tense, value, days, granularity, mod = (cell.strip() for cell in line.split("|"))
        first, _, last = {"=": f"{value[:10]}..{value[:10]}", "-": ".."}.get(days, days).partition(
            ".."
        )
        expected = ResolvedTime(
            value, first or None, last or None, granularity, mod or None, None, type_of(value, kind)
        )
        yield Row(quote, tense or None, expected)


def type_of(value: str, kind: str) -> str:
    if kind == "DATE" and value.startswith("P") and value != "PAST_REF":
        return "DURATION"
    if kind == "DATE" and value.startswith("XXXX"):
        return "SET"
    return "TIME" if "T" in value and value[0].isdigit() else kind


ENGLISH_ROWS = [
    row
    for table in (VOCABULARY, DAYS, CLOCK_TIMES, PERIODS, LIMITS, RANGES, OPEN, LENGTHS)
    for row in rows(table)
] + list(rows(SETS, "SET"))
FOREIGN_ROWS = [row for table in (SPANISH, FRENCH, GERMAN) for row in rows(table)]
ROWS = ENGLISH_ROWS + FOREIGN_ROWS
LANGUAGES = {"es": SPANISH, "fr": FRENCH, "de": GERMAN}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_a_time_means(row: Row) -> None:
    assert resolve_time(row.quote, MONDAY, row.tense) == row.expected


@pytest.mark.parametrize("row", ENGLISH_ROWS, ids=str)
def test_naming_the_language_changes_nothing_in_english(row: Row) -> None:
    assert resolve_time(row.quote, MONDAY, row.tense, language="en-GB") == row.expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_naming_the_language_changes_nothing_in_others(language: str) -> None:
    for row in rows(LANGUAGES[language]):
        assert resolve_time(row.quote, MONDAY, row.tense, language=language) == row.expected


@pytest.mark.parametrize("row", FOREIGN_ROWS, ids=str)
def test_accents_may_be_decomposed_or_missing(row: Row) -> None:
    decomposed = unicodedata.normalize("NFD", row.quote)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    assert resolve_time(decomposed, MONDAY, row.tense) == row.expected
    assert resolve_time(bare, MONDAY, row.tense) == row.expected


@pytest.mark.parametrize(
    ("quote", "published", "tense", "value"),
    [
        # Across New Year the tense decides, and without one the distance.
        ("on 28 December", date(2024, 1, 2), "PAST", "2023-12-28"),
        ("on 28 December", date(2024, 1, 2), None, "2023-12-28"),
        ("on 28 December", date(2024, 1, 2), "FUTURE", "2024-12-28"),
        ("on 3 January", date(2023, 12, 30), "FUTURE", "2024-01-03"),
        ("on 3 January", date(2023, 12, 30), None, "2024-01-03"),
        ("on 3 January", date(2023, 12, 30), "PAST", "2023-01-03"),
        ("from 28 December to 3 January", date(2023, 12, 30), "FUTURE", "2023-12-28/2024-01-03"),
        ("from 28 December to 3 January", date(2024, 1, 2), "PAST", "2023-12-28/2024-01-03"),
        ("in December", date(2024, 1, 2), "PAST", "2023-12"),
        ("last week", date(2024, 1, 2), None, "2023-W52"),
        ("last month", date(2024, 1, 2), None, "2023-12"),
        ("yesterday", date(2024, 1, 1), None, "2023-12-31"),
        # A winter spans it.
        ("this winter", date(2024, 1, 20), None, "2023-WI"),
        ("this winter", date(2024, 12, 20), None, "2024-WI"),
        ("last winter", date(2024, 1, 20), None, "2022-WI"),
        ("last winter", date(2024, 7, 1), None, "2023-WI"),
        ("next winter", date(2024, 1, 20), None, "2024-WI"),
        ("last summer", date(2024, 1, 20), None, "2023-SU"),
        # Weekends, seen from inside one and from the week.
        ("this weekend", date(2023, 9, 16), None, "2023-W37-WE"),
        ("last weekend", date(2023, 9, 17), None, "2023-W36-WE"),
        ("this weekend", date(2023, 9, 11), "PAST", "2023-W36-WE"),
        ("on Friday", date(2023, 9, 15), "PAST", "2023-09-15"),
        ("the last month", date(2023, 3, 31), None, None),
        ("over the past month", date(2023, 3, 31), None, "P1M"),
    ],
)
def test_other_days_of_publication(
    quote: str, published: date, tense: str | None, value: str | None
) -> None:
    assert resolve_time(quote, published, tense).value == value


@pytest.mark.parametrize(
    ("quote", "reason"),
    [
        *((form, f"'{form}' does not say when") for form in ("soon", "recently", "now")),
        ("on the same day", "'same day' does not say when"),
        ("overnight", "'overnight' does not say when"),
        ("at 3 p.m.", "'3 p.m.' does not say on which day"),
        ("the following day", "another time in the text"),
        ("the following Monday", "another time in the text"),
        ("three days earlier", "another time in the text"),
        ("two days after Monday", "another time in the text"),
        ("a week from Monday", "another time in the text"),
        ("Monday week", "another time in the text"),
        ("the next week", "another time in the text"),
        ("on the eve of 13 September", "another time in the text"),
        ("the three months to June", "another time in the text"),
        ("12/02/2024", "can be 12 February or 2 December"),
        ("12.02.2024", "can be 12 February or 2 December"),
        ("next Friday", "can be 2023-09-15 or 2023-09-22"),
        ("nächsten Freitag", "can be 2023-09-15 or 2023-09-22"),
        ("next weekend", "can be 2023-W37-WE or 2023-W38-WE"),
        ("last spring", "can be 2022-SP or 2023-SP"),
        ("the 1900s", "can be a decade or a century"),
        ("in two weeks", "how long something took"),
        ("en dos semanas", "how long something took"),
        ("within three days", "may count from another time"),
        ("two or three days ago", "is not one length"),
        ("half a year ago", "is not one length"),
        ("for several days", "does not say how long"),
        ("Tuesday, September 11", "is not a Tuesday"),
        ("Sept. 4, a Tuesday", "two times"),
        ("today, Tuesday", "two times"),
        ("Tuesday, the 12th", "does not say which month"),
        ("the 12th", "does not say which month"),
        ("31 September", "there is no 31 September"),
        ("29 February 2023", "there is no 29 February 2023"),
        ("2023-13-45", "there is no day '2023-13-45'"),
        ("Monday or Tuesday", "two times: 'Monday' and 'Tuesday'"),
        ("lunes y martes", "two times"),
        ("September 11 and 13", "two times"),
        ("el 11 y el 13 de septiembre", "two times"),
        ("every other Monday", "more than one time"),
        ("every Monday since 2019", "two times"),
        ("Good Friday", "a day of another name"),
        ("Viernes Santo", "a day of another name"),
        ("am Karfreitag", "a day of another name"),
        ("the September 11 attacks", "a day of another name"),
        ("fiscal 2023", "begins at different times"),
        ("the 5th century BC", "outside the calendar"),
        ("el día siguiente", "another time in the text"),
        ("le lendemain", "another time in the text"),
        ("zwei Tage später", "another time in the text"),
        ("cette nuit", "the night before or the night to come"),
        ("heute Nacht", "the night before or the night to come"),
        ("el martes o miércoles", "two times"),
        ("récemment", "does not say when"),
        ("recientemente", "does not say when"),
        ("kürzlich", "does not say when"),
        *((form, "no time was recognised") for form in ("", "$2000", "2019 people", "2019-20")),
        *((form, "no time was recognised") for form in ("May go", "in more than", "9/11")),
        *((form, "no time was recognised") for form in ("the fall of Kabul", "in her nineties")),
        *((form, "no time was recognised") for form in ("Julio Iglesias", "Santo Domingo")),
    ],
)
def test_what_is_not_resolved_says_why(quote: str, reason: str) -> None:
    time = resolve_time(quote, MONDAY)
    assert time == ResolvedTime(reason=time.reason)
    assert reason in str(time.reason)


def test_a_date_that_no_year_brings_into_agreement_with_the_tense() -> None:
    time = resolve_time("Monday, 18 September", MONDAY, "PAST")  # it was one in 2017
    assert time.value is None
    assert "does not agree with the tense PAST" in str(time.reason)


def test_what_looks_ahead_needs_an_event_ahead() -> None:
    assert resolve_time("over the next two weeks", MONDAY, "FUTURE").value == "P2W"
    assert "another time" in str(resolve_time("over the next two weeks", MONDAY, "PAST").reason)


# ---------------------------------------------------------------- languages


def test_the_day_comes_first_where_the_language_has_it_so() -> None:
    assert resolve_time("12.02.2024", MONDAY, language="de").value == "2024-02-12"
    assert resolve_time("12/02/2024", MONDAY, language="fr").value == "2024-02-12"
    assert resolve_time("12/02/2024", MONDAY, language="en").value is None


@pytest.mark.parametrize("language", ["de", "de-AT", "DE_ch", "ger", "deu"])
def test_forms_of_a_language_code(language: str) -> None:
    assert resolve_time("morgen", MONDAY, language=language).value == "2023-09-12"


def test_a_language_that_is_not_known_is_as_good_as_none() -> None:
    assert resolve_time("on 13 September", MONDAY, language="xx").value == "2023-09-13"


def test_a_named_language_is_the_only_one() -> None:
    assert resolve_time("mañana", MONDAY, language="en").value is None


# ---------------------------------------------------------------- the anchor


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_time_is_absolute_or_needs_the_publication_date(row: Row) -> None:
    without = resolve_time(row.quote, None, row.tense)
    much_later = resolve_time(row.quote, date(2223, 9, 11), row.tense)
    if without.value is None:
        assert "no publication date" in str(without.reason)
        assert much_later != row.expected
    else:
        assert without == much_later == row.expected


@pytest.mark.parametrize(
    "quote",
    [
        *("Monday", "on Tuesday", "late on Sunday", "yesterday", "two days ago", "last week"),
        *("el martes", "mardi dernier", "am Dienstag", "in the past three days", "this weekend"),
    ],
)
def test_a_relative_time_moves_with_the_publication_date(quote: str) -> None:
    week = timedelta(days=7)
    now, later = (resolve_time(quote, at) for at in (MONDAY, MONDAY + week))
    for one, other in ((now.earliest, later.earliest), (now.latest, later.latest)):
        assert date.fromisoformat(str(one)) + week == date.fromisoformat(str(other))


WEDNESDAY = date(2023, 9, 13)
NOT_TODAY = (
    "on by until from to between and late last next the of Monday Tuesday 11 12 31 - , . May "
    "September January 2019 2022-03-04 week month year days ago coming past two three every for "
    "early mid end weekend summer quarter first lundi martes Freitag semaine hace tres vor Tagen"
)


@given(st.lists(st.sampled_from(NOT_TODAY.split()), max_size=7).map(" ".join))
def test_a_day_is_that_of_publication_only_if_the_words_say_so(quote: str) -> None:
    time = resolve_time(quote, WEDNESDAY)
    assert not (time.earliest == time.latest == WEDNESDAY.isoformat())


# ---------------------------------------------------------------- any text

TIME_WORDS = (
    "on by until from to between and or late early last next this the of in at for since before "
    "after Monday Tuesday 11 13 31 3rd - , . ' ( ) / : September May 2019 2023-09-11 2023-W37 "
    "week weeks month months day days year years century decade ago coming past two 12/02/2024 "
    "today tomorrow 3 p.m. 15:00 GMT noon midnight weekend first quarter half Q3 H1 summer winter "
    "1990s nineties 19th every daily overnight few end mid- 0 99 9999 0001-01-01 9999-12-31 "
    "el lunes hace días siglo XIX de del al hasta pasado proximo le lundi dernier il y a jours "
    "depuis jusqu'au siècle 15h30 am Montag vor Tagen Uhr bis zum nächsten 13. Jahrhundert Ende"
)
PIECES = st.lists(st.sampled_from(TIME_WORDS.split()), max_size=12).map(" ".join)
ANCHORS = st.dates() | st.none() | st.sampled_from([date.min, date.max, MONDAY])
TENSES = st.sampled_from([None, "", "PAST", "FUTURE", "PRESENT", "UNSPECIFIED"])
CODES = st.sampled_from([None, "en", "es", "fr", "de", "xx", ""])


@given(PIECES | st.text(max_size=60) | st.sampled_from([str(row.quote) for row in ROWS]),
       ANCHORS, TENSES, CODES)  # fmt: skip
def test_any_words_are_resolved_or_have_a_reason(
    quote: str, anchor: date | None, tense: str | None, language: str | None
) -> None:
    time = resolve_time(quote, anchor, tense, language)
    assert (time.value is None) != (time.reason is None)
    assert (time.value is None) == (time.type is None) == (time.granularity is None)
    assert time == resolve_time(quote, anchor, tense, language)
    if time.earliest and time.latest:
        assert date.fromisoformat(time.earliest) <= date.fromisoformat(time.latest)


@given(PIECES, TENSES)
def test_without_a_publication_date_nothing_depends_on_one(quote: str, tense: str | None) -> None:
    without = resolve_time(quote, None, tense)
    if without.value is not None:
        assert without == resolve_time(quote, MONDAY, tense)
        assert without == resolve_time(quote, date(1871, 5, 2), tense)


@pytest.mark.parametrize(
    "piece", ["a", " ", "1", "1 ", "Monday ", "the ", "in the ", "hace ", "-", "\u0301", "1.", "("]
)
def test_a_passage_is_no_time(piece: str) -> None:
    passage = piece * (20_000 // len(piece))
    assert "too many for a time" in str(resolve_time(passage, MONDAY).reason)
    longest = resolve_time(passage[:400], MONDAY)
    assert "too many" not in str(longest.reason)


# ---------------------------------------------------------------- the resolvers


def words(
    quote: str, *hints: str, published: date | None = MONDAY, language: str | None = None
) -> Words:
    article = Article(text="x", published=published, language=language)
    return Words(quote, ((0, len(quote)),), article, hints)


def test_the_parts_of_a_time() -> None:
    quote = words("until 13 September")
    assert RESOLVERS["time.type"](quote) == Resolution("DATE")
    assert RESOLVERS["time.value"](quote) == Resolution("2023-09-13")
    assert RESOLVERS["time.mod"](quote) == Resolution("ON_OR_BEFORE")
    assert RESOLVERS["time.earliest"](quote) == Resolution(None)  # an open end is no problem
    assert RESOLVERS["time.latest"](quote) == Resolution("2023-09-13")
    assert RESOLVERS["time.granularity"](quote) == Resolution("day")


def test_the_tense_is_a_hint() -> None:
    assert RESOLVERS["time.value"](words("on Tuesday")).value == "2023-09-05"
    assert RESOLVERS["time.value"](words("on Tuesday", "CT", "FUTURE")).value == "2023-09-12"


def test_the_language_is_that_of_the_article() -> None:
    assert RESOLVERS["time.value"](words("12.02.2024", language="de")).value == "2024-02-12"
    assert RESOLVERS["time.value"](words("12.02.2024")).value is None


def test_a_relative_time_needs_the_publication_date() -> None:
    for name in ("time.type", "time.value", "time.mod", "time.earliest"):
        resolution = RESOLVERS[name](words("on Tuesday", published=None))
        assert resolution.value is None
        assert "publication date" in str(resolution.reason)
