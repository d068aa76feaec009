"""The service over HTTP: what it answers is what the model answers, and what is wrong is said in one line."""

import base64
import contextlib
import http.client
import io
import json
import select
import socket
import threading
from urllib.parse import urlsplit

import pytest
from page_serving import running
from PIL import Image, ImageDraw, ImageFont
from service_asking import ask, form, send
from small_model import EMOTIONS, write_small_model
from small_photos import photo
from small_videos import SIZE, video
from small_web import downloader, drawn
from small_web import serve as serve_pictures

from feelscope.memory import BUDGET
from feelscope.post import Post
from feelscope.predict import row
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.serve.application import application
from feelscope.serve.service import Service
from feelscope.serve.settings import ServiceSettings

KEY = "a key of many letters"


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    return EmotionClassifier.load(write_small_model(tmp_path_factory.mktemp("model") / "small"), workers=2)


@pytest.fixture
def serve(classifier):
    with contextlib.ExitStack() as opened:

        def serve(downloader=None, model=classifier, **settings):
            service = Service(model, 2, ServiceSettings(**settings), downloader)
            opened.callback(service.close)
            return opened.enter_context(running(application(service))), service

        yield serve


@pytest.fixture(scope="module")
def reading():
    return EmotionClassifier.load(workers=2, read_pictures=True, skip_pictures=0.9)


@pytest.fixture(scope="module")
def picture():
    return drawn(kind="JPEG")


def predicted(classifier, *posts):
    return [json.loads(json.dumps(row(one))) for one in classifier.predict(posts)]


def test_answers_what_the_model_answers(serve, classifier, picture):
    address, _ = serve()
    encoded = base64.b64encode(picture).decode()
    posts = [
        Post("a", "so happy"),
        Post("b", "the day", "sad"),
        Post("c", image=picture),
        Post("d", "sad", image=picture),
    ]
    sent = [
        {"id": "a", "text": "so happy"},
        {"id": "b", "title": "sad", "text": "the day"},
        {"id": "c", "image": encoded},
        {"id": "d", "text": "sad", "image": encoded},
    ]
    expected = predicted(classifier, *posts)
    assert ask(address, "/v1/predict", {"posts": sent}) == (200, {"predictions": expected})
    assert [answer["modalities"] for answer in expected] == [["text"], ["text"], ["image"], ["text", "image"]]
    for one, answer in zip(sent, expected, strict=True):
        assert ask(address, "/v1/predict", one) == (200, answer)


def test_a_form_takes_the_picture_as_it_is(serve, classifier, picture):
    address, _ = serve()
    body, kind = form(("id", b"d", False), ("text", b"sad", False), ("image", picture, True))
    status, answer = ask(address, "/v1/predict", body, Content_Type=kind)
    assert (status, [answer]) == (200, predicted(classifier, Post("d", "sad", image=picture)))


def test_a_form_takes_a_video(serve, classifier):
    moving = video([photo(SIZE, 1)] * 20 + [photo(SIZE, 2)] * 20)
    for content, said in ((moving, "2 frames of a video of 4 s were read"), (moving[:999], "damaged or cut short")):
        body, kind = form(("id", b"d", False), ("text", b"sad", False), ("image", content, True))
        status, answer = ask(serve()[0], "/v1/predict", body, Content_Type=kind)
        assert (status, [answer]) == (200, predicted(classifier, Post("d", "sad", image=content)))
        assert any(said in warning for warning in answer["warnings"])


def test_explains_what_the_command_explains(serve, classifier, picture):
    from feelscope.explain.record import record

    address, _ = serve()
    post = Post("e", "so sad a day", image=picture)
    sent = {"id": "e", "text": post.text, "image": base64.b64encode(picture).decode(), "emotion": "sadness"}
    status, answer = ask(address, "/v1/explain", sent)
    assert status == 200
    expected = json.loads(json.dumps(record(classifier.explain(post, "sadness"), post)))
    assert answer == expected
    assert answer["words"]


def test_a_post_in_which_nothing_can_be_read_says_so(serve):
    address, _ = serve()
    status, answer = ask(address, "/v1/predict", {"text": " ", "image": base64.b64encode(b"no picture").decode()})
    assert (status, answer["emotion"], answer["probabilities"]) == (200, None, {})
    assert answer["warnings"][0].startswith("the picture was not used: ")
    status, answer = ask(address, "/v1/explain", {"text": " "})
    assert (status, answer["explained"], answer["words"]) == (200, None, [])
    assert answer["warnings"] == ["there is nothing to read in this post"]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/v1/predict", b"{", "expected JSON: "),
        ("/v1/predict", b'["x"]', "expected a JSON object"),
        ("/v1/predict", {}, "expected text, title or image"),
        ("/v1/predict", {"id": "1"}, "expected text, title or image"),
        ("/v1/predict", {"text": 3}, "text: Input should be a valid string"),
        ("/v1/predict", {"text": "a", "image": "@@"}, "image: expected base64"),
        ("/v1/predict", {"text": "a", "label": "joy"}, "label: Extra inputs are not permitted"),
        ("/v1/predict", {"text": "a", "image_url": "http://example.org/a.jpg"}, "image_url: Extra inputs"),
        ("/v1/predict", {"posts": []}, "posts: List should have at least 1 item"),
        ("/v1/predict", {"posts": [{"text": "a"}] * 5}, "posts: List should have at most 4 items"),
        ("/v1/predict", {"posts": [{"text": "a"}, {}]}, "posts.1: expected text, title or image"),
        ("/v1/predict", {"text": "a" * 100_001}, "text: String should have at most 100000 characters"),
        ("/v1/explain", {"text": "a", "emotion": "envy"}, "emotion: Input should be '', 'happiness'"),
        ("/v1/predict", b'{"text": "\\ud800"}', "expected JSON: "),
        ("/v1/predict", {"text": "a", "two\nlines": 1}, "two\\nlines: Extra inputs"),
        ("/v1/predict", {"text": "a", "x" * 5000: 1}, f"{'x' * 100}...: Extra inputs"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(serve, path, body, said):
    address, _ = serve(most_posts=4)
    status, answer = ask(address, path, body, Content_Type="application/json")
    assert status == 422
    assert answer["error"].startswith(said), answer
    assert list(answer) == ["error"]
    assert "\n" not in answer["error"]


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/explain", "/v2/models/small/infer"])
def test_a_body_of_countless_values_is_not_checked(serve, path):
    address, _ = serve(most_posts=4)
    names = [str(number) for number in range(140)]
    refused = (422, {"error": "expected a JSON object of at most 140 values"})
    for body in ({"inputs": names}, {"text": [names[:139]]}, dict.fromkeys([*names, "140"])):
        assert ask(address, path, body) == refused
    for body in ({"inputs": names[:139]}, dict.fromkeys(names)):
        status, answer = ask(address, path, body)
        assert status == 422
        assert answer != refused[1]


def test_as_much_as_the_shapes_allow_is_taken(serve):
    address, _ = serve(most_posts=40)
    post = {"id": "1", "title": "a", "text": "sad", "image": ""}
    assert ask(address, "/v1/predict", {"posts": [post] * 40})[0] == 200
    tensors = [
        {"name": name, "shape": [40, 1], "datatype": "BYTES", "data": [["sad"]] * 40, "parameters": {}}
        for name in ("title", "text")
    ]
    image = {"name": "image", "shape": [40, 1], "datatype": "BYTES", "data": [[""]] * 40}
    assert ask(address, "/v2/models/small/infer", {"inputs": [*tensors, image]})[0] == 200


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([("text", b"a", False), ("text", b"b", False)], "text: expected once"),
        ([("image", b"a", False)], "image: expected a file"),
        ([("text", b"a", True)], "text: expected a text"),
        ([("colour", b"a", False)], "colour: Extra inputs are not permitted"),
        ([("image", b"a", True), ("image", b"b", True)], "no form that can be read: Too many files"),
    ],
)
def test_what_is_wrong_with_a_form(serve, parts, said):
    address, _ = serve()
    body, kind = form(*parts)
    status, answer = ask(address, "/v1/predict", body, Content_Type=kind)
    assert (status, answer["error"][: len(said)]) == (422, said)


@pytest.mark.parametrize("charset", ["undefined", "punycode"])
def test_a_form_in_a_charset_that_is_none(serve, charset):
    address, _ = serve()
    body, kind = form(("text", b"sad \xff", False))
    said = "no form that can be read: expected the charset UTF-8"
    assert ask(address, "/v1/predict", body, Content_Type=f"{kind}; charset={charset}") == (422, {"error": said})


def test_a_form_without_a_boundary(serve):
    address, _ = serve()
    assert ask(address, "/v1/predict", b"text=a", Content_Type="multipart/form-data") == (
        422,
        {"error": "no form that can be read: Missing boundary in multipart."},
    )


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_other_types_of_body(serve, kind):
    address, _ = serve()
    status, answer = ask(address, "/v1/predict", b"text=a", Content_Type=kind)
    assert status == 415
    assert answer["error"] == f"expected Content-Type application/json or multipart/form-data, found {kind}"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_is_read_no_further_than_its_limit(serve, chunked):
    address, service = serve(most_bytes=10_000, held_bytes=20_000)
    body = json.dumps({"text": "a" * 20_000}).encode()
    given = iter([body[:5000], body[5000:]]) if chunked else body
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request("POST", "/v1/predict", given, {"Content-Type": "application/json"}, encode_chunked=chunked)
    response = connection.getresponse()
    assert response.status == 413
    assert json.loads(response.read()) == {"error": "expected at most 10,000 bytes"}
    connection.close()
    assert service.bodies.held == 0


def test_a_large_body_is_checked_as_a_small_one(serve, classifier, picture):
    address, _ = serve()
    encoded = base64.b64encode(picture + bytes(100_000)).decode()
    status, answer = ask(address, "/v1/predict", {"id": "a", "text": "sad", "image": encoded})
    assert (status, [answer]) == (200, predicted(classifier, Post("a", "sad", image=picture + bytes(100_000))))
    body, kind = form(("text", b"sad", False), ("image", picture + bytes(100_000), True))
    assert ask(address, "/v1/predict", body, Content_Type=kind)[1]["modalities"] == ["text", "image"]
    long = {"text": "a" * 99_000, "image": "@@"}
    assert ask(address, "/v1/predict", long) == (422, {"error": "image: expected base64"})
    assert ask(address, "/v1/predict", json.dumps(long).encode()[:-1], Content_Type="application/json")[0] == 422
    assert ask(address, "/v1/predict", body[:-9], Content_Type=kind)[0] == 422


def test_a_form_that_is_cut_off_is_not_half_read(serve, picture):
    address, _ = serve()
    body, kind = form(("text", b"sad", False), ("image", picture, True))
    no_end = (422, {"error": "no form that can be read: it has no end"})
    for end in (len(body) - 4, len(body) - 10, len(body) - 500, body.index(b'name="image"'), 20):
        assert ask(address, "/v1/predict", body[:end], Content_Type=kind) == no_end
    assert ask(address, "/v1/predict", body[:-2], Content_Type=kind)[0] == 200  # all but a line's end


def test_slow_bodies_give_way(serve, monkeypatch):
    monkeypatch.setattr("feelscope.serve.bodies.SLOW_SECONDS", 0.05)
    address, service = serve(most_bytes=10_000, held_bytes=10_000)
    lines = ["POST /v1/predict HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", "Content-Length: 4000"]
    head = "\r\n".join([*lines, "", ""])
    with contextlib.ExitStack() as opened:
        slow = []
        for _ in range(2):
            slow.append(opened.enter_context(socket.create_connection(("127.0.0.1", urlsplit(address).port))))
            slow[-1].sendall(head.encode() + bytes(3000))
        (refused,), _, _ = select.select(slow, [], [], 20)  # both have over half of the room, one has less
        answer = http.client.HTTPResponse(refused)
        answer.begin()
        assert (answer.status, answer.read()) == (503, b'{"error":"too much is being sent at once"}')
        assert ask(address, "/v1/predict", {"text": "so happy a day"})[0] == 200
        assert service.bodies.held == 3000
        slow.remove(refused)
        slow[0].sendall(b" " * 999 + b"}")  # who is slow where there is room is not cut off
        assert slow[0].recv(10_000).startswith(b"HTTP/1.1 422")


def test_all_bodies_together_have_a_limit(serve):
    address, service = serve(most_bytes=10_000, held_bytes=10_000)
    service.bodies.held = 9_990  # as others send
    status, headers, content = send(address, "POST", "/v1/predict", {"text": "so happy a day"})
    assert (status, headers["retry-after"]) == (503, "2")
    assert json.loads(content) == {"error": "too much is being sent at once"}
    service.bodies.held -= 9_990
    assert ask(address, "/v1/predict", {"text": "so happy a day"})[0] == 200
    assert service.bodies.held == 0


class Held:
    """A model that answers when it is let."""

    def __init__(self, classifier):
        self.let, self.begun = threading.Event(), threading.Semaphore(0)
        self._classifier = classifier

    def __getattr__(self, name):
        return getattr(self._classifier, name)

    def predict(self, posts):
        self.begun.release()
        assert self.let.wait(20)
        return self._classifier.predict(posts)


def test_a_full_queue_is_refused_and_what_was_accepted_is_answered(serve, classifier):
    held = Held(classifier)
    address, service = serve(model=held, most_posts=4, waiting=4)
    answers: list[tuple[int, object]] = []
    first = threading.Thread(
        target=lambda: answers.append(ask(address, "/v1/predict", {"posts": [{"text": "sad"}] * 3}))
    )
    first.start()
    assert held.begun.acquire(timeout=10)
    assert ask(address, "/readyz") == (200, {"status": "ready"})
    status, headers, content = send(address, "POST", "/v1/predict", {"posts": [{"text": "happy"}] * 2})
    assert (status, json.loads(content)) == (503, {"error": "the queue is full"})
    assert int(headers["retry-after"]) >= 1
    second = threading.Thread(target=lambda: answers.append(ask(address, "/v1/predict", {"text": "happy"})))
    second.start()
    while service.posts.waiting < 4:
        pass
    assert send(address, "GET", "/readyz")[0] == 503
    assert ask(address, "/healthz") == (200, {"status": "ok"})
    held.let.set()
    first.join(20)
    second.join(20)
    assert [status for status, _ in answers] == [200, 200]
    assert service.posts.waiting == 0


TENSORS = [{"name": "text", "shape": [10], "datatype": "BYTES", "data": ["sad"] * 10}]


@pytest.mark.parametrize(
    ("path", "sent"),
    [("/v1/predict", {"posts": [{"text": "sad"}] * 10}), ("/v2/models/small/infer", {"inputs": TENSORS})],
)
def test_who_hangs_up_leaves_the_queue(serve, classifier, path, sent):
    held = Held(classifier)
    address, service = serve(model=held, most_posts=10, waiting=10)
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request("POST", path, json.dumps(sent), {"Content-Type": "application/json"})
    assert held.begun.acquire(timeout=10)
    connection.close()
    while service.posts.waiting > 2:  # both threads are at work; the others are never begun
        pass
    held.let.set()
    while service.posts.waiting:
        pass
    assert ask(address, "/v1/predict", {"text": "happy"})[0] == 200
    text = send(address, "GET", "/metrics")[2].decode()
    assert f'feelscope_requests_total{{route="{path}",status="499"}} 1.0' in text.splitlines()


def test_keys(serve):
    address, _ = serve(keys=(KEY, "another key of many"))
    assert ask(address, "/v1/predict", {"text": "sad"}) == (
        401,
        {"error": "expected a key: Authorization: Bearer KEY"},
    )
    for wrong in (f"Bearer {KEY}x", f"Basic {KEY}", "Bearer", "Bearer ", KEY):
        assert ask(address, "/v1/models", Authorization=wrong)[0] == 401
    for right in (f"Bearer {KEY}", f"bearer {KEY}", "Bearer another key of many"):
        assert ask(address, "/v1/models", Authorization=right)[0] == 200
    for path in ("/healthz", "/readyz", "/openapi.json", "/v2/health/live"):
        assert ask(address, path)[0] == 200
    for path in ("/metrics", "/v2/models/small"):
        assert send(address, "GET", path)[0] == 401
    described = ask(address, "/openapi.json")[1]
    assert described["security"] == [{"key": []}]
    assert [path for path, there in described["paths"].items() if there.get("get", {}).get("security") == []] == [
        "/healthz",
        "/readyz",
        "/v2",
        "/v2/health/live",
        "/v2/health/ready",
    ]


def test_a_key_of_any_letters(serve):
    key = "ein Schlüssel, 鍵, ключ"
    address, _ = serve(keys=(key,))
    assert ask(address, "/v1/models", Authorization=f"Bearer {key}".encode().decode("latin-1"))[0] == 200


def test_every_route_is_described(serve):
    address, _ = serve()
    paths = ask(address, "/openapi.json")[1]["paths"]
    for path, methods in paths.items():
        for method, described in methods.items():
            if method in ("get", "post"):
                body = {} if method == "post" else None
                status, headers, _ = send(address, method.upper(), path.replace("{model}", "small"), body)
                assert str(status) in described["responses"], path
                assert list(described["responses"][str(status)]["content"]) == [headers["content-type"]], path
    known = {"/v1/predict", "/v1/explain", "/v1/models", "/healthz", "/readyz", "/metrics", "/v2", "/v2/health/live"}
    of_model = {"/v2/models/{model}", "/v2/models/{model}/ready", "/v2/models/{model}/infer"}
    assert set(paths) == known | of_model | {"/v2/health/ready"}


def test_other_names_and_other_sites_are_refused(serve):
    address, _ = serve(hosts=("Feel.example",))
    assert ask(address, "/v1/models", Host="evil.example") == (400, {"error": "it is not known by this name"})
    assert ask(address, "/v1/models", Host="feel.example:8080")[0] == 200
    body, kind = form(("text", b"sad", False))
    assert ask(address, "/v1/predict", body, Content_Type=kind, Origin="http://evil.example")[0] == 403


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("feel.example", "https://feel.example", 200),  # a proxy before it has TLS
        ("feel.example", "https://evil.example", 403),
        ("feel.example:8443", "https://feel.example", 403),
        ("localhost", "https://localhost", 403),  # another port of this machine
    ],
)
def test_the_page_behind_a_proxy_with_tls(serve, host, origin, status):
    address, _ = serve(hosts=("feel.example",))
    body, kind = form(("text", b"sad", False))
    assert ask(address, "/v1/predict", body, Content_Type=kind, Host=host, Origin=origin)[0] == status


def test_pictures_by_address_only_where_allowed(serve, classifier, picture):
    with serve_pictures({"/a.jpg": picture}) as (port, _, _):
        url = f"http://127.0.0.2:{port}/a.jpg"
        address, _ = serve(downloader(port), image_urls=True)
        status, answer = ask(address, "/v1/predict", {"id": "c", "image_url": url})
        assert (status, [answer]) == (200, predicted(classifier, Post("c", image=picture)))
        closed, _ = serve(image_urls=True)  # as it is for users: public addresses alone
        inside = ask(closed, "/v1/predict", {"text": "sad", "image_url": "http://127.0.0.2/a.jpg"})[1]
        assert inside["warnings"] == [
            "the picture was not used: not of the public internet"
        ]  # which it is, is not said
        status, answer = ask(closed, "/v1/predict", {"text": "sad", "image_url": url})
        assert (status, answer["modalities"]) == (200, ["text"])
        assert answer["warnings"][0].startswith("the picture was not used: ")


def test_what_is_counted(serve, picture):
    address, _ = serve()
    ask(address, "/v1/predict", {"posts": [{"text": "sad"}, {"image": base64.b64encode(picture).decode()}]})
    ask(address, "/v1/predict", {})
    ask(address, "/v2/models/small/infer", {})
    send(address, "GET", "/nowhere")
    text = send(address, "GET", "/metrics")[2].decode()
    for line in (
        'feelscope_requests_total{route="/v1/predict",status="200"} 1.0',
        'feelscope_requests_total{route="/v1/predict",status="422"} 1.0',
        'feelscope_requests_total{route="/v2/models/small/infer",status="422"} 1.0',
        'feelscope_requests_total{route="other",status="404"} 1.0',
        'feelscope_posts_total{modalities="text"} 1.0',
        'feelscope_posts_total{modalities="image"} 1.0',
        "feelscope_post_duration_seconds_count 2.0",
        "feelscope_queue_posts 0.0",
        "feelscope_queue_limit_posts 1024.0",
        "feelscope_held_bytes 0.0",
    ):
        assert line in text.splitlines(), line
    assert 'feelscope_model_info{name="small"' in text
    assert "process_resident_memory_bytes" in text


def test_nothing_of_a_post_is_printed(serve, capfd):
    address, _ = serve()
    ask(address, "/v1/predict", {"text": "a secret"})
    ask(address, "/v1/predict", {"text": "a secret", "image": "@@ a secret"})
    ask(address, "/v1/explain", {"text": "a secret"})
    said = capfd.readouterr()
    assert "secret" not in said.out + said.err


def test_who_answers(serve):
    address, service = serve()
    (model,) = ask(address, "/v1/models")[1]["models"]
    assert model == {
        "name": "small",
        "version": service.version,
        "emotions": list(EMOTIONS),
        "modalities": ["text", "image"],
    }


def test_the_open_inference_protocol(serve, classifier, picture):
    address, service = serve()
    assert ask(address, "/v2/health/ready") == (200, {"ready": True})
    assert ask(address, "/v2")[1]["name"] == "feelscope"
    model = ask(address, "/v2/models/small")[1]
    assert (model["versions"], model["parameters"]) == ([service.version], {"emotions": list(EMOTIONS)})
    encoded = base64.b64encode(picture).decode()
    inputs = [
        {"name": "text", "shape": [2], "datatype": "BYTES", "data": ["so happy", "sad"]},
        {"name": "image", "shape": [2, 1], "datatype": "BYTES", "data": [[encoded], [""]]},
    ]
    status, answer = ask(address, "/v2/models/small/infer", {"id": "7", "inputs": inputs})
    assert (status, answer["id"], answer["model_name"]) == (200, "7", "small")
    emotion, probabilities = answer["outputs"]
    expected = classifier.predict([Post("", "so happy", image=picture), Post("", "sad")])
    assert emotion == {"name": "emotion", "datatype": "BYTES", "shape": [2], "data": [one.emotion for one in expected]}
    assert probabilities["shape"] == [2, 3]
    assert probabilities["data"] == pytest.approx([one.probabilities[name] for one in expected for name in EMOTIONS])
    wanted = {"inputs": inputs, "outputs": [{"name": "emotion"}]}
    assert [one["name"] for one in ask(address, "/v2/models/small/infer", wanted)[1]["outputs"]] == ["emotion"]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ([], "inputs: List should have at least 1 item"),
        ([("text", [3], ["a"])], "text: expected shape [1], found [3]"),
        ([("text", [1, 2], ["a"])], "text: expected shape [1], found [1, 2]"),
        ([("text", [1], ["a"]), ("title", [2], ["a", "b"])], "inputs: expected each name once, and the same number"),
        ([("text", [1], ["a"]), ("text", [1], ["a"])], "inputs: expected each name once, and the same number"),
        ([("mood", [1], ["a"])], "inputs.0.name: String should match pattern"),
        ([("text", [1], [5])], "inputs.0.data.0."),
        ([("text", ["1"], ["a"])], "inputs.0.shape.0: Input should be a valid integer"),
    ],
)
def test_tensors_that_do_not_fit(serve, inputs, said):
    address, _ = serve()
    sent = [{"name": name, "shape": shape, "datatype": "BYTES", "data": data} for name, shape, data in inputs]
    status, answer = ask(address, "/v2/models/small/infer", {"inputs": sent})
    assert (status, answer["error"][: len(said)]) == (422, said)


def test_another_model_is_not_here(serve):
    address, _ = serve()
    said = {"error": "no model of this name; the one that answers is small"}
    assert ask(address, "/v2/models/large") == (404, said)
    assert ask(address, "/v2/models/large/infer", {}) == (404, said)


def test_memory_of_the_budget_is_given_back(serve, picture):
    address, _ = serve()
    encoded = base64.b64encode(picture).decode()
    for _ in range(5):
        ask(address, "/v1/predict", {"posts": [{"image": encoded}] * 8})
    with BUDGET.decoding.take(BUDGET.decoding.size), BUDGET.contents.take(BUDGET.contents.size):
        pass  # all of it is free again


def test_words_in_pictures_are_read_and_explained_where_that_is_asked_for(serve, reading):
    address, service = serve(model=reading)
    words = base64.b64encode(words_drawn("I miss my grandad every day")).decode()
    asked = {"id": "1", "image": words}
    status, found = ask(address, "/v1/predict", asked)
    assert (status, found["modalities"], found["emotion"]) == (200, ["image", "image_text"], "sadness")
    status, why = ask(address, "/v1/explain", asked)
    assert (status, why["image_text"]) == (200, "I miss my grandad every day")
    assert {word["field"] for word in why["words"]} == {"image_text"}
    assert {*why["modalities"]} == {"image", "image_text"}
    sure = {"text": "What a lovely day!", "image": words}
    answers = ask(address, "/v1/predict", {"posts": [sure, {"image": "AAAA"}]})[1]["predictions"]
    assert answers[0]["modalities"] == ["text"] and "the picture was not read" in answers[0]["warnings"][0]
    assert (answers[1]["emotion"], len(answers[1]["warnings"])) == (None, 2)
    assert ask(address, "/v1/explain", {"image": "AAAA"})[1]["image_text"] == ""
    assert 'feelscope_posts_total{modalities="image+image_text"} 1.0' in service.measures.text().decode()


def words_drawn(words):
    """A PNG of words."""
    paper = Image.new("RGB", (420, 90), "white")
    ImageDraw.Draw(paper).text((12, 24), words, "black", font=ImageFont.load_default(22))
    file = io.BytesIO()
    paper.save(file, "PNG")
    return file.getvalue()
