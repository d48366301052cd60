"""bench/nexmark.py - Nexmark's events measured and its queries answered once more,
in plain Python, for bench/check and bench/nexmark_test: by event time, where jobs
and limits go by batches. It shares nothing with either."""

import collections

EVENTS_A_MS = 10


class Events:
    """The lines of bench/gen's nexmark as tuples of named fields, in order."""

    Person = collections.namedtuple(
        "Person", "id name email card city state time extra")
    Auction = collections.namedtuple(
        "Auction", "id item description initial reserve time expires seller "
                   "category extra")
    Bid = collections.namedtuple("Bid", "auction bidder price time extra")
    NUMBERS = {"id", "initial", "reserve", "time", "expires", "seller",
               "category", "auction", "bidder", "price"}

    def __init__(self, data):
        kinds = {"P": self.Person, "A": self.Auction, "B": self.Bid}
        self.lines = data.decode().splitlines()
        self.all = []
        for line in self.lines:
            kind, *fields = line.split(",")
            of = kinds[kind]
            self.all.append(of(*(
                int(field) if name in self.NUMBERS else field
                for name, field in zip(of._fields, fields, strict=True))))
        self.persons = self.of(self.Person)
        self.auctions = self.of(self.Auction)
        self.bids = self.of(self.Bid)

    def of(self, kind):
        return [event for event in self.all if isinstance(event, kind)]


def near(what, got, want, part):
    """A complaint when got is further from want than that part of it."""
    return ([] if abs(got - want) <= part * want
            else [f"{what}: {got:g} instead of {want:g}"])


def hot_shares(events):
    """Measured: bids on the hot auction, by the hot bidder, auctions of the hot
    seller; a hot one is the last of every 100 when the event comes."""
    hits, persons, auctions = collections.Counter(), 0, 0
    for event in events.all:
        if isinstance(event, Events.Person):
            persons += 1
            continue
        person = 1000 + (persons - 1) // 100 * 100
        if isinstance(event, Events.Auction):
            auctions += 1
            hits["seller"] += event.seller == person
            continue
        hits["auction"] += event.auction == 1000 + (auctions - 1) // 100 * 100
        hits["bidder"] += event.bidder == person + 1
    return (hits["auction"] / len(events.bids), hits["bidder"] / len(events.bids),
            hits["seller"] / len(events.auctions))


def mean(numbers):
    numbers = list(numbers)
    return sum(numbers) / len(numbers)


def wrong_shares(events):
    auction, bidder, seller = hot_shares(events)
    category = collections.Counter(a.category for a in events.auctions)
    decade = collections.Counter(len(str(b.price)) for b in events.bids)
    wrong = near("bids on the hot auction", auction, 1 / 2 + 1 / 2 / 110, 0.05)
    wrong += near("bids of the hot bidder", bidder, 3 / 4, 0.05)
    wrong += near("auctions of the hot seller", seller, 3 / 4, 0.05)
    for n in range(10, 15):
        wrong += near(f"category {n}", category[n], len(events.auctions) / 5, 0.2)
    for digits in range(3, 9):
        wrong += near(f"prices of {digits} digits", decade[digits],
                      len(events.bids) / 6, 0.05)
    return wrong


def wrong_proportions(data):
    """What is not as published, of some 20,000 events or more; [] is good."""
    events = Events(data)
    kinds = "".join(line[0] for line in events.lines)
    pattern = "PAAA" + "B" * 46
    wrong = [] if kinds == (pattern * (len(kinds) // 50 + 1))[:len(kinds)] else [
        "of 50 events not the first a person, the next three auctions"]
    for what, want in (events.persons, 200), (events.auctions, 500), (
            events.bids, 100):
        kind = type(what[0]).__name__
        wrong += near(f"bytes of a {kind}", mean(
            len(line) + 1 for line in events.lines if line[0] == kind[0]),
            want, 0.03)
    for what in events.persons, events.auctions:
        if [event.id for event in what] != list(range(1000, 1000 + len(what))):
            wrong.append("ids do not grow from 1000 by one")
    if any(event.time != 1790000000000 + i // EVENTS_A_MS
           for i, event in enumerate(events.all)):
        wrong.append("not ten events a millisecond")
    wrong += near("ms that an auction is open", mean(
        a.expires - a.time for a in events.auctions), 167, 0.05)
    return wrong + wrong_shares(events)


def csv(*fields):
    return ",".join(str(field) for field in fields)


def windows(events, window_ms):
    """The events by the number of their window."""
    by_window = collections.defaultdict(list)
    for event in events:
        by_window[event.time // window_ms].append(event)
    return by_window


def q0(events, batch_ms):
    return [csv(*bid) for bid in events.bids]


def q1(events, batch_ms):
    return [csv(*bid._replace(price=bid.price * 908 // 1000))
            for bid in events.bids]


def q2(events, batch_ms):
    return [csv(bid.auction, bid.price) for bid in events.bids
            if bid.auction % 123 == 0]


def q3(events, batch_ms):
    local = {p.id: p for p in events.persons if p.state in ("OR", "ID", "CA")}
    return [csv(local[a.seller].name, local[a.seller].city,
                local[a.seller].state, a.id)
            for a in events.auctions if a.category == 10 and a.seller in local]


def closed(events, batch_ms):
    """For each batch that there is the winning bids of the auctions that expire in
    it, in that order: tuples of the auction and the price."""
    bids = collections.defaultdict(list)
    for bid in events.bids:
        bids[bid.auction].append(bid)
    by_batch = {n: [] for n in sorted(windows(events.all, batch_ms))}
    for auction in sorted(events.auctions, key=lambda a: (a.expires, a.id)):
        prices = [bid.price for bid in bids[auction.id]
                  if auction.time <= bid.time <= auction.expires]
        n = auction.expires // batch_ms
        if prices and n in by_batch:
            by_batch[n].append((auction, max(prices)))
    return by_batch


def q4(events, batch_ms):
    prices, lines = collections.defaultdict(list), []
    for sold in closed(events, batch_ms).values():
        for auction, price in sold:
            prices[auction.category].append(price)
        lines += [csv(category, sum(all_of) // len(all_of))
                  for category, all_of in prices.items()]
    return lines


def q6(events, batch_ms):
    prices, lines = collections.defaultdict(list), []
    for sold in closed(events, batch_ms).values():
        for auction, price in sold:
            prices[auction.seller].append(price)
            last = prices[auction.seller][-10:]
            lines.append(csv(auction.seller, sum(last) // len(last)))
    return lines


def q5(events, batch_ms):
    counts = {n: collections.Counter(bid.auction for bid in bids)
              for n, bids in windows(events.bids, batch_ms).items()}
    lines = []
    for n in counts:
        window = sum((counts.get(n - back, collections.Counter())
                      for back in range(5)), collections.Counter())
        most = max(window.values())
        lines += [csv(auction, most) for auction, count in window.items()
                  if count == most]
    return lines


def q7(events, batch_ms):
    return [csv(*min(bids, key=lambda bid: (-bid.price, bid.time, bid.auction,
                                            bid.bidder))[:4])
            for bids in windows(events.bids, batch_ms).values()]


def q8(events, batch_ms):
    sold = {n: {a.seller for a in auctions}
            for n, auctions in windows(events.auctions, batch_ms).items()}
    return [csv(p.id, p.name, p.time) for p in events.persons
            if p.id in sold.get(p.time // batch_ms, ())]


QUERIES = {"q0": q0, "q1": q1, "q2": q2, "q3": q3, "q4": q4, "q5": q5, "q6": q6,
           "q7": q7, "q8": q8}


def answer(query, events, batch_events):
    """The lines of a query's answer, in any order."""
    lines = QUERIES[query](events, batch_events // EVENTS_A_MS)
    return "".join(line + "\n" for line in lines).encode()
