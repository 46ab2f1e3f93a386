def test_smoke(hub, opened):
    home = hub.desk("harbour-house").client()
    a = home.post("/v1/events", json=opened(), headers={"content-type": "application/cloudevents+json"})
    print(a.status_code, a.headers, a.text)
    p = hub.desk("northmere-police").client()
    print(p.get("/v1/inbox").text)
    print(p.get("/v1/episodes").text, p.get("/readyz").text)
    i = a.json()["told"][0]["disclosure_id"] if a.json().get("told") else None
    print(home.get("/v1/disclosures").text)
    for x in ("", "/explanation", "/entry", "/opening", "/proof"):
        r = home.get(f"/v1/disclosures/{i}{x}")
        print(x, r.status_code, r.headers, r.text)
    print(
        home.get("/v1/feedx").text,
        home.get("/v1/inbox?afterr=2").text,
        home.get("/v1/inbox?after=2").text,
        home.get("/v1/inbox?limit=x").text,
    )
    print(home.get("/metrics").text[-1500:])
    print(home.get("/openapi.json").text[:3000])
    print(hub.log.getvalue())
    assert 0
