import pytest
from platforms import KEY, flickr, photo, serve

from feelscope.collect.flickr import LICENCES, FlickrIds, FlickrSearch, agreed, parse, photo_id
from feelscope.collect.run import collect
from feelscope.errors import CollectError

START = 1_400_000_000


@pytest.fixture
def search(api, store):
    def search(platform, *words, before=START + 10_000_000, after=START - 1, limit=None, key=KEY):
        with serve(platform) as address:
            return collect(
                store, FlickrSearch(api("flickr", address, key=key), words or ["sunset"], before, after), limit=limit
            )

    return search


def test_photos_come_with_words_date_and_licence(search, store):
    search(flickr([photo(3, START)]))
    (found,) = store.posts()
    assert (found.id, found.title, found.text) == ("flickr:3", "Photo 3", "A long walk 3")
    assert found.other["licence"] == LICENCES[3] == "CC BY-NC-ND 2.0"
    assert found.other["tags"] == ["sunset", "sea"]
    assert found.other["created_at"] == "2014-05-13T16:53:20Z"
    assert found.other["image_url"] == "https://live.staticflickr.com/1/3_a_c.jpg"
    assert found.other["url"] == "https://www.flickr.com/photos/3@N00/3"


def test_more_than_4000_are_split_by_date_and_all_had(search, store):
    # Most of them within an hour of a year, as it is with events.
    times = [START + number for number in range(5000)] + [START + 3600 * number for number in range(1500)]
    platform = flickr([photo(number, at) for number, at in enumerate(times)])
    search(platform)
    assert store.count() == 6500
    assert platform.calls < 60
    assert search(platform).was_complete


def test_it_goes_on_where_it_stopped(search, store):
    platform = flickr([photo(number, START + 700 * number) for number in range(4600)])
    found = [search(platform, limit=1000).found for _ in range(4)]
    assert all(some >= 1000 for some in found)
    search(platform)
    assert store.count() == 4600
    assert search(platform).was_complete


def test_too_many_in_one_second_is_told(search, store):
    outcome = search(flickr([photo(number, START) for number in range(4100)]))
    assert store.count() == 4000
    assert any("4,100 photos of one second, only 4,000 of them can be had" in note for note in outcome.notes)


def test_nothing_found_wrong_key_and_no_words(search):
    with pytest.raises(CollectError, match="nothing is found for 'sunsett'"):
        search(flickr([photo(1, START)]), "sunsett")
    with pytest.raises(CollectError, match=r"the key is refused .*; check KEY"):
        search(flickr([]), key="wrong")
    with pytest.raises(CollectError, match="words to search for are empty"):
        search(flickr([]), "#")
    broken = flickr([])
    broken.routes["/services/rest/"] = lambda handler, query: handler.say(200, {"stat": "ok", "photos": []})
    with pytest.raises(CollectError, match="expected photos and got"):
        search(broken)
    for photos in ({"photo": 7}, {"photo": [], "pages": "many"}, {"photo": [], "total": float("inf")}):
        with pytest.raises(CollectError, match="expected photos and got"):
            parse({"photos": photos})


def test_a_busy_flickr_is_asked_again(search, store, clock):
    platform = flickr([photo(1, START)])
    rest, calls = platform.routes["/services/rest/"], []

    def busy(handler, query):
        calls.append(1)
        if len(calls) < 3:
            handler.say(200, {"stat": "fail", "code": 105, "message": "Service currently unavailable"})
        else:
            rest(handler, query)

    platform.routes["/services/rest/"] = busy
    search(platform)
    assert store.count() == 1
    assert clock.slept == [1, 2]


def test_a_labelled_set_gets_its_words(api, store, tmp_path):
    wordy = {"description": {"_content": "we walked along the sea until dark"}}
    photos = [photo(1, START, **wordy), photo(2, START), photo(3, START, **wordy), photo(4, START, **wordy)]
    photos[1]["description"] = {"_content": "dark"}
    file = tmp_path / "set.csv"
    file.write_text(
        "emotion,url,disagree,agree\n"
        "awe,http://farm4.staticflickr.com/3/1_abc.jpg,1,4\n"
        "awe,http://farm4.staticflickr.com/3/2_abc.jpg,0,5\n"
        "fear,http://farm4.staticflickr.com/3/3_abc.jpg,3,2\n"
        "anger,http://farm4.staticflickr.com/3/9_abc.jpg,0,5\n"
    )
    with serve(flickr(photos)) as address:
        outcome = collect(store, FlickrIds(api("flickr", address), file))
    (found,) = store.posts()
    assert (found.id, found.emotion, found.other["votes"]) == ("flickr:1", "awe", 4)
    assert found.other["tags"] == ["Sun Set", "sea"]
    assert [note.split(": ")[-1] for note in outcome.notes] == ["photo 2 has 5 words or fewer", "photo 9 is gone"]


def test_raters_one_row_each(tmp_path):
    file = tmp_path / "votes.csv"
    rows = [(1, "awe"), (1, "awe"), (1, "fear"), (2, "awe"), (2, "fear"), (3, "anger")]
    file.write_text("id,emotion\n" + "".join(f"{id},{emotion}\n" for id, emotion in rows))
    assert agreed(file) == {"1": ("awe", 2), "3": ("anger", 1)}


def test_bad_labelled_sets_are_one_line(tmp_path):
    def said(content):
        (tmp_path / "s.csv").write_text(content)
        with pytest.raises(CollectError) as error:
            agreed(tmp_path / "s.csv")
        return str(error.value)

    assert "expected columns id (or url) and emotion; it has photo, label" in said("photo,label\n1,awe\n")
    assert "row 1: no photo id" in said("url,emotion\nhttp://x/y.jpg,awe\n")
    assert "majority of raters agree" in said("id,emotion,agree,disagree\n1,awe,2,3\n")
    assert "numbers of raters, found '²'" in said("id,emotion,agree,disagree\n1,awe,²,3\n")
    assert "numbers of raters, found 'most'" in said("id,emotion,agree,disagree\n1,awe,most,3\n")


def test_photo_ids_in_addresses():
    assert photo_id("123") == "123"
    assert photo_id("https://www.flickr.com/photos/someone/456/in/pool") == "456"
    assert photo_id("http://farm1.static.flickr.com/2/789_0a1b2c.jpg") == "789"
    assert photo_id("https://example.org/cat.jpg") == ""
