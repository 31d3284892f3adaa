"""Five of the shop's endpoints as one would write them with FastAPI, SQLAlchemy and asyncpg, on the same database:
`uvicorn app:app --workers 2`.

It is spared what the shop does besides: no role is taken on, the isolation is the database's own, answers are not checked by
Pydantic, nothing is logged. Statements are the shop's own."""

import base64
import hashlib
import hmac
import os
import time

import botocore.config
import botocore.session
import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import create_async_engine

ISSUER, PARTIES = os.environ["OIDC_ISSUER"], os.environ["OIDC_AUTHORIZED_PARTIES"].split(",")
BUCKET, SECRET = os.environ["MEDIA_BUCKET"], os.environ["STRIPE_WEBHOOK_SECRET"].encode()
SECONDS_OF_A_KEY, SECONDS_OF_A_LINK, TOLERANCE_SECONDS = 60, 900, 300

app = FastAPI()
# What the shop sets for its lists, here for all.
engine = create_async_engine(
    os.environ["PEER_DATABASE_URL"], pool_size=5, max_overflow=0,
    connect_args={"server_settings": {"jit": "off", "random_page_cost": "1.1", "TimeZone": "UTC", "DateStyle": "ISO"}})
storage = botocore.session.get_session().create_client(
    "s3", region_name=os.environ["AWS_REGION"], endpoint_url=os.environ["S3_ENDPOINT"],
    config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}))
keys = {}

NAMES = """ARRAY(SELECT name FROM catalogue.audiobook_contributors
    JOIN catalogue.contributors ON contributors.id = contributor_id
    WHERE audiobook_id = book.id AND role = '{0}' ORDER BY position) AS {0}s"""
PEOPLE = f"{NAMES.format('author')}, {NAMES.format('narrator')}"

LIST = text(f"""
    SELECT book.id, book.slug, book.title, book.subtitle, book.language, listing.duration_ms, listing.amount,
        listing.currency, listing.sort_key, {PEOPLE}
    FROM (SELECT audiobook_id, published_at, duration_ms, amount, currency, published_at::text AS sort_key,
            row_number() OVER (ORDER BY published_at DESC, audiobook_id DESC) AS place
        FROM catalogue.listings AS listing
        WHERE currency = :currency AND valid_from <= now() AND valid_until > now()
        ORDER BY published_at DESC, audiobook_id DESC LIMIT :most) AS listing
    JOIN catalogue.audiobooks AS book ON book.id = listing.audiobook_id ORDER BY listing.place""")

BOOK = text("""
    SELECT book.id, book.slug, title, subtitle, book.description, language, isbn13, state, current_edition_id,
        published_at, exports, book.version, edition.duration_ms, price.amount, cover_asset_id IS NOT NULL AS has_cover,
        sample_start_ms, sample.duration_ms AS sample_duration_ms,
        (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', person.id, 'slug', person.slug, 'name', person.name,
            'role', role) ORDER BY array_position(ARRAY['author', 'narrator', 'translator', 'editor', 'publisher'], role),
                position), '[]')
            FROM catalogue.audiobook_contributors JOIN catalogue.contributors AS person ON person.id = contributor_id
            WHERE audiobook_id = book.id) AS people,
        (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', series.id, 'slug', series.slug, 'name', series.name,
            'label', label, 'sortKey', sort_key) ORDER BY lower(series.name), series.id), '[]')
            FROM catalogue.series_entries JOIN catalogue.series ON series.id = series_id
            WHERE audiobook_id = book.id) AS series,
        (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', category.id, 'slug', category.slug, 'name', category.name)
            ORDER BY lower(category.name), category.id), '[]')
            FROM catalogue.audiobook_categories JOIN catalogue.categories AS category ON category.id = category_id
            WHERE audiobook_id = book.id) AS categories
    FROM catalogue.audiobooks AS book
        LEFT JOIN catalogue.editions AS edition ON edition.id = current_edition_id
        LEFT JOIN catalogue.assets AS sample ON sample.id = sample_asset_id
        LEFT JOIN sales.prices AS price ON price.audiobook_id = book.id
            AND price.currency = :currency AND price.valid @> now()
    WHERE book.slug = :slug AND book.state IN ('published', 'unlisted')""").columns(
        people=JSONB, series=JSONB, categories=JSONB)
CHAPTERS = text("SELECT title, start_ms, end_ms FROM catalogue.chapters WHERE edition_id = :edition ORDER BY position")
SUMMARY = text("""
    SELECT summary.text FROM production.summaries AS summary
        JOIN production.transcripts AS transcript ON transcript.id = summary.transcript_id
    WHERE transcript.edition_id = :edition AND chapter = 0 AND summary.state = 'approved' AND transcript.state = 'ready'""")

KEY = text("SELECT modulus, exponent FROM identity.signing_keys WHERE issuer = :issuer AND kid = :kid")
USER = text("SELECT id FROM identity.users WHERE issuer = :issuer AND subject = :subject")

OWNED = f"""
    SELECT book.id, slug, title, subtitle, edition.duration_ms, owned_since, exports,
        least(place.position_ms, edition.duration_ms) AS position_ms, moved_at, finished_at,
        owned_since::text AS sort_key, {PEOPLE}
    FROM listening.library
        JOIN catalogue.audiobooks AS book ON book.id = library.audiobook_id
        JOIN catalogue.editions AS edition ON edition.id = current_edition_id
        LEFT JOIN listening.positions AS place
            ON place.user_id = library.user_id AND place.audiobook_id = library.audiobook_id
    WHERE library.user_id = :user"""
LIBRARY = text(f"{OWNED} ORDER BY owned_since DESC, book.id DESC LIMIT :most")

ENTITLEMENT = text("""
    SELECT id, state FROM listening.entitlements WHERE user_id = :user AND audiobook_id = :book
    ORDER BY array_position(ARRAY['active', 'suspended', 'revoked'], state), granted_at LIMIT 1""")
TRACKS = text("""
    SELECT track.position, start_ms, start_ms + track.duration_ms AS end_ms, asset.id, object_key, bytes, sha256, media_type
    FROM catalogue.audiobooks AS book JOIN catalogue.tracks AS track ON track.edition_id = current_edition_id
        JOIN catalogue.assets AS asset ON asset.id = asset_id
    WHERE book.id = :book ORDER BY track.position""")
ACCESS = text("""
    INSERT INTO listening.access_log (entitlement_id, asset_id, action, ip, user_agent)
    VALUES (:entitlement, :asset, 'stream', CAST(:ip AS inet), :agent)""")

RECEIVE = text("""
    INSERT INTO plumbing.webhook_events
        (provider, event_id, type, api_version, livemode, object_id, provider_created_at, raw)
    VALUES ('stripe', :id, :type, :version, :live, :object, to_timestamp(:created), :raw)
    ON CONFLICT (provider, event_id) DO NOTHING""")
IGNORE = text("""
    UPDATE plumbing.webhook_events SET state = 'ignored', attempts = attempts + 1, processed_at = now()
    WHERE provider = 'stripe' AND event_id = :id AND state = 'received'""")


def answered(body, headers=None):
    """The quickest way to JSON that there is."""
    return Response(orjson.dumps(body, default=str), media_type="application/json", headers=headers)


def instant(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def present(**members):
    """Without what is nothing."""
    return {name: value for name, value in members.items() if value is not None}


def cursor(of, key, book):
    return base64.urlsafe_b64encode("\x1f".join((of, key, str(book).upper())).encode()).decode().rstrip("=")


def fingerprint(currency):
    """FNV-1a over a list without filters."""
    value = 0xCBF29CE484222325
    for byte in "\x1e".join((currency, "", "", "", "", "", "", ",", ",")).encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    digits = ""
    while value:
        value, digit = divmod(value, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


async def signed_in(authorization, connection):
    """Whose token it is."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise HTTPException(401)
    kid = jwt.get_unverified_header(token)["kid"]
    known = keys.get(kid)
    if known is None or time.monotonic() - known[1] > SECONDS_OF_A_KEY:
        row = (await connection.execute(KEY, {"issuer": ISSUER, "kid": kid})).one()
        numbers = RSAPublicNumbers(int.from_bytes(row.exponent), int.from_bytes(row.modulus))
        known = keys[kid] = (numbers.public_key(), time.monotonic())
    try:
        claims = jwt.decode(token, known[0], algorithms=["RS256"], issuer=ISSUER, options={"verify_aud": False})
    except jwt.InvalidTokenError as error:
        raise HTTPException(401) from error
    if claims.get("azp", PARTIES[0]) not in PARTIES:
        raise HTTPException(401)
    return (await connection.execute(USER, {"issuer": ISSUER, "subject": claims["sub"]})).scalar_one()


@app.get("/api/v1/audiobooks")
async def catalogue(currency: str = "EUR", limit: int = 20):
    async with engine.connect() as connection:
        rows = (await connection.execute(LIST, {"currency": currency, "most": limit + 1})).all()
    more = len(rows) > limit
    items = [present(
        id=row.id, slug=row.slug, title=row.title, subtitle=row.subtitle, language=row.language, authors=row.authors,
        narrators=row.narrators, price={"minorUnits": row.amount, "currency": row.currency},
        durationMilliseconds=row.duration_ms) for row in rows[:limit]]
    last = rows[limit - 1] if more else None
    return answered(present(
        items=items, next=cursor(f"catalogue.newest.{fingerprint(currency)}", last.sort_key, last.id) if more else None))


@app.get("/api/v1/audiobooks/{slug}")
async def book(slug: str, currency: str = "EUR"):
    async with engine.connect() as connection:
        row = (await connection.execute(BOOK, {"currency": currency, "slug": slug})).one_or_none()
        if row is None:
            raise HTTPException(404)
        chapters = (await connection.execute(CHAPTERS, {"edition": row.current_edition_id})).all()
        summary = (await connection.execute(SUMMARY, {"edition": row.current_edition_id})).scalar_one_or_none()
    sizes = (160, 400, 800, 1600) if row.has_cover else None
    return answered(present(
        id=row.id, slug=row.slug, title=row.title, subtitle=row.subtitle, description=row.description,
        language=row.language, isbn13=row.isbn13, state=row.state, people=row.people, series=row.series,
        categories=row.categories,
        price={"minorUnits": row.amount, "currency": currency} if row.amount is not None else None,
        durationMilliseconds=row.duration_ms, publishedAt=instant(row.published_at), exports=row.exports,
        version=row.version, summary=summary,
        chapters=[{"title": each.title, "startMilliseconds": each.start_ms, "endMilliseconds": each.end_ms}
                  for each in chapters],
        cover=sizes and [{"pixels": size, "url": f"/api/v1/audiobooks/{row.id}/cover?size={size}"} for size in sizes],
        sample=present(
            url=f"/api/v1/audiobooks/{row.id}/sample", startMilliseconds=row.sample_start_ms,
            durationMilliseconds=row.sample_duration_ms) if row.sample_duration_ms else None),
        headers={"etag": f'"{row.version}"'})


@app.get("/api/v1/library")
async def library(authorization: str | None = Header(None), limit: int = 20):
    async with engine.connect() as connection:
        user = await signed_in(authorization, connection)
        rows = (await connection.execute(LIBRARY, {"user": user, "most": limit + 1})).all()
    more = len(rows) > limit
    items = [present(
        audiobookId=row.id, slug=row.slug, title=row.title, subtitle=row.subtitle, authors=row.authors,
        narrators=row.narrators, durationMilliseconds=row.duration_ms, ownedSince=instant(row.owned_since),
        exports=row.exports,
        progress=present(
            positionMilliseconds=row.position_ms, listenedAt=instant(row.moved_at),
            finishedAt=instant(row.finished_at)) if row.moved_at else None) for row in rows[:limit]]
    last = rows[limit - 1] if more else None
    return answered(
        present(items=items, next=cursor("library.newest.all", last.sort_key, last.id) if more else None),
        headers={"cache-control": "private, no-store"})


@app.post("/api/v1/library/{book}/stream")
async def stream(book: str, request: Request, authorization: str | None = Header(None)):
    async with engine.begin() as connection:
        user = await signed_in(authorization, connection)
        right = (await connection.execute(ENTITLEMENT, {"user": user, "book": book})).one_or_none()
        if right is None or right.state != "active":
            raise HTTPException(403)
        tracks = (await connection.execute(TRACKS, {"book": book})).all()
        for track in tracks:
            await connection.execute(ACCESS, {
                "entitlement": right.id, "asset": track.id, "ip": request.client.host,
                "agent": request.headers.get("user-agent")})
    now = int(time.time())
    return answered({"tracks": [{
        "position": track.position, "startMilliseconds": track.start_ms, "endMilliseconds": track.end_ms,
        "bytes": track.bytes, "sha256": track.sha256.hex(), "contentType": track.media_type,
        "url": storage.generate_presigned_url(
            "get_object", {"Bucket": BUCKET, "Key": track.object_key}, ExpiresIn=SECONDS_OF_A_LINK),
        "renewAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + SECONDS_OF_A_LINK * 4 // 5)),
        "expiresAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + SECONDS_OF_A_LINK))} for track in tracks]},
        headers={"cache-control": "no-store"})


@app.post("/api/v1/webhooks/stripe")
async def webhook(request: Request, stripe_signature: str = Header()):
    """Events of kinds that concern nobody are kept and put aside, as the shop does it: kept first, then acted on."""
    body = await request.body()
    fields = [field.partition("=") for field in stripe_signature.split(",")]
    at = next(value for name, _, value in fields if name == "t")
    expected = hmac.new(SECRET, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    if not any(name == "v1" and hmac.compare_digest(value, expected) for name, _, value in fields):
        raise HTTPException(400)
    if abs(time.time() - int(at)) > TOLERANCE_SECONDS:
        raise HTTPException(400)
    event = orjson.loads(body)
    async with engine.begin() as connection:
        stored = await connection.execute(RECEIVE, {
            "id": event["id"], "type": event["type"], "version": event["api_version"], "live": event["livemode"],
            "object": event["data"]["object"]["id"], "created": event["created"], "raw": body})
    if stored.rowcount == 1:
        async with engine.begin() as connection:
            await connection.execute(IGNORE, {"id": event["id"]})
    return answered({"received": True})
