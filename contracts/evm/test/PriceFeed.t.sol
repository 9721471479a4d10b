// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPriceFeed} from "../src/examples/IPriceFeed.sol";
import {PriceFeed} from "../src/examples/PriceFeed.sol";
import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors} from "../src/interfaces/IPhatAnchorErrors.sol";
import {Signing} from "./support/Signing.sol";

contract PriceFeedTest is Signing {
    uint256 private constant ATTESTOR_KEY = 0xA11CE;
    uint256 private constant START = 1_800_000_000;
    uint256 private constant AGE_MAX = 4_000;
    bytes32 private constant GUARD = keccak256("phat/firing/contract/tick");
    bytes32 private constant PRICE_KEY = keccak256("price");
    bytes32 private constant FIRING = keccak256("a firing");

    PriceFeed private feed;
    uint64 private guardVersion;
    uint64 private priceVersion;

    function setUp() public {
        vm.warp(START);
        feed = new PriceFeed(address(this), one(vm.addr(ATTESTOR_KEY)), 8, "ETH / USD", AGE_MAX);
    }

    function encoded(int256 price, uint256 observedAt) private pure returns (bytes memory) {
        return abi.encode(price, observedAt, 3);
    }

    /// @dev What the example's Phat Contract comes to when it pushes.
    function outcome(bool success, bytes memory output) private view returns (IPhatAnchor.Outcome memory made) {
        (made.consumer, made.commitment) = (address(feed), FIRING);
        (made.success, made.output) = (success, output);
        made.reads = new IPhatAnchor.Read[](2);
        made.reads[0] = IPhatAnchor.Read(GUARD, guardVersion);
        made.reads[1] = IPhatAnchor.Read(PRICE_KEY, priceVersion);
        made.writes = new IPhatAnchor.Write[](2);
        made.writes[0] = IPhatAnchor.Write(GUARD, abi.encodePacked(uint64(block.timestamp)));
        made.writes[1] = IPhatAnchor.Write(PRICE_KEY, "the price in 20 bytes");
    }

    function push(bool success, bytes memory output) private {
        IPhatAnchor.Outcome memory made = outcome(success, output);
        feed.settle(made, sign(ATTESTOR_KEY, feed, made));
        (++guardVersion, ++priceVersion);
    }

    function push(int256 price, uint256 observedAt) private {
        push(true, encoded(price, observedAt));
    }

    function refuses(bool success, bytes memory output, PriceFeed.Refusal reason) private {
        vm.expectEmit(address(feed));
        emit PriceFeed.PriceRefused(FIRING, reason);
        push(success, output);
    }

    function refuses(int256 price, uint256 observedAt, PriceFeed.Refusal reason) private {
        refuses(true, encoded(price, observedAt), reason);
    }

    function isLatest(uint80 wantedRound, int256 wantedPrice, uint256 wantedTime) private view {
        (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) = feed.latestRoundData();
        equal(round, wantedRound);
        equal(uint256(answer), uint256(wantedPrice));
        equal(startedAt, wantedTime);
        equal(updatedAt, wantedTime);
        equal(answeredIn, wantedRound);
    }

    function test_a_pushed_price_is_read() public {
        vm.expectEmit(address(feed));
        emit PriceFeed.PriceUpdated(301_234_000_000, 1, START - 5, 3);
        push(301_234_000_000, START - 5);
        isLatest(1, 301_234_000_000, START - 5);
        equal(uint256(feed.price()), 301_234_000_000);
        equal(feed.sourcesOf(1), 3);
        check(!feed.isStale(), "it is stale");
        equal(feed.decimals(), 8);
        equal(bytes(feed.description()), "ETH / USD");
        equal(feed.version(), 1);
    }

    function test_it_reads_as_the_interface_that_others_read() public pure {
        check(IPriceFeed.latestRoundData.selector == 0xfeaf968c, "latestRoundData");
        check(IPriceFeed.getRoundData.selector == 0x9a6fc8f5, "getRoundData");
        check(IPriceFeed.decimals.selector == 0x313ce567, "decimals");
        check(IPriceFeed.description.selector == 0x7284e416, "description");
        check(IPriceFeed.version.selector == 0x54fd4d50, "version");
    }

    function test_there_is_nothing_before_the_first_price() public {
        check(feed.isStale(), "it is fresh");
        bytes memory none = abi.encodeWithSelector(PriceFeed.NoRound.selector, uint80(0));
        vm.expectRevert(none);
        feed.latestRoundData();
        vm.expectRevert(none);
        feed.price();
        vm.expectRevert(abi.encodeWithSelector(PriceFeed.NoRound.selector, uint80(1)));
        feed.getRoundData(1);
    }

    function test_rounds_count_up_and_stay() public {
        push(100, START);
        vm.warp(START + 60);
        push(101, START + 60);
        isLatest(2, 101, START + 60);
        (, int256 answer,, uint256 updatedAt,) = feed.getRoundData(1);
        equal(uint256(answer), 100);
        equal(updatedAt, START);
        vm.expectRevert(abi.encodeWithSelector(PriceFeed.NoRound.selector, uint80(3)));
        feed.getRoundData(3);
    }

    function test_an_old_price_is_stale_and_can_be_looked_at() public {
        push(100, START);
        vm.warp(START + AGE_MAX);
        equal(uint256(feed.price()), 100);
        vm.warp(START + AGE_MAX + 1);
        check(feed.isStale(), "it is fresh");
        vm.expectRevert(abi.encodeWithSelector(PriceFeed.StalePrice.selector, START, AGE_MAX));
        feed.price();
        isLatest(1, 100, START);
    }

    function test_what_is_no_price_leaves_the_one_before() public {
        push(100, START);
        vm.warp(START + 10);
        uint256 now_ = START + 10;
        refuses(0, now_, PriceFeed.Refusal.OutOfRange);
        refuses(-1, now_, PriceFeed.Refusal.OutOfRange);
        refuses(type(int256).min, now_, PriceFeed.Refusal.OutOfRange);
        refuses(int256(type(int128).max) + 1, now_, PriceFeed.Refusal.OutOfRange);
        refuses(101, now_ - AGE_MAX - 1, PriceFeed.Refusal.TooOld);
        refuses(101, now_ + 61, PriceFeed.Refusal.FromFuture);
        refuses(101, type(uint256).max, PriceFeed.Refusal.FromFuture);
        refuses(101, START, PriceFeed.Refusal.NotNewer);
        refuses(101, START - 1, PriceFeed.Refusal.NotNewer);
        refuses(true, "", PriceFeed.Refusal.Malformed);
        refuses(true, abi.encode(1, now_, 3, 4), PriceFeed.Refusal.Malformed);
        refuses(true, abi.encode(1, now_, uint256(type(uint64).max) + 1), PriceFeed.Refusal.Malformed);
        refuses(false, "script_threw: no source", PriceFeed.Refusal.RunFailed);
        isLatest(1, 100, START);
        push(type(int128).max, now_ + 60);
        isLatest(2, type(int128).max, now_ + 60);
        check(!feed.isStale(), "a price of a fast clock is stale");
    }

    function test_a_price_is_pushed_once() public {
        IPhatAnchor.Outcome memory first = outcome(true, encoded(100, START));
        IPhatAnchor.Outcome memory second = outcome(true, encoded(101, START + 1));
        bytes memory signatures = sign(ATTESTOR_KEY, feed, first);
        bytes memory others = sign(ATTESTOR_KEY, feed, second);
        feed.settle(first, signatures);
        bytes memory stale =
            abi.encodeWithSelector(IPhatAnchorErrors.StaleVersion.selector, GUARD, uint64(0), uint64(1));
        vm.expectRevert(stale);
        feed.settle(first, signatures);
        vm.expectRevert(stale);
        feed.settle(second, others);
        // Of another firing, which has seen the same price.
        second.reads[0].version = 1;
        others = sign(ATTESTOR_KEY, feed, second);
        vm.expectRevert(
            abi.encodeWithSelector(IPhatAnchorErrors.StaleVersion.selector, PRICE_KEY, uint64(0), uint64(1))
        );
        feed.settle(second, others);
        isLatest(1, 100, START);
    }

    function test_nobody_but_the_anchor_pushes() public {
        vm.expectRevert(abi.encodeWithSelector(IPhatAnchorErrors.OnlyAnchor.selector, address(this)));
        feed.onPhatPush(FIRING, true, encoded(100, START));
    }

    function test_an_age_of_nothing_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(PriceFeed.ZeroAge.selector));
        new PriceFeed(address(this), new address[](0), 8, "ETH / USD", 0);
    }

    function testFuzz_rounds_and_times_only_rise(int256[8] memory prices, uint256[8] memory times) public {
        uint80 round;
        uint256 last;
        for (uint256 i = 0; i < prices.length; ++i) {
            uint256 observedAt = START - AGE_MAX - 10 + times[i] % (AGE_MAX + 100);
            push(prices[i], observedAt);
            bool isTaken = prices[i] > 0 && prices[i] <= type(int128).max && observedAt > last
                && observedAt + AGE_MAX >= START && observedAt <= START + 60;
            if (isTaken) {
                (last, round) = (observedAt, round + 1);
                isLatest(round, prices[i], observedAt);
            } else if (round != 0) {
                (uint80 latest,,, uint256 updatedAt,) = feed.latestRoundData();
                equal(latest, round);
                equal(updatedAt, last);
            }
        }
    }

    function testFuzz_no_output_makes_the_callback_fail(bool success, bytes calldata output) public {
        vm.expectEmit(address(feed));
        emit IPhatAnchor.Pushed(FIRING, address(feed), address(this), success, true);
        push(success, output);
    }
}
