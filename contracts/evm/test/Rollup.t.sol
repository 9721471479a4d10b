// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LensAnswers} from "../src/examples/LensAnswers.sol";
import {MetaTransactions} from "./rollup/MetaTransactions.sol";
import {PhatRollupAnchor} from "./rollup/PhatRollupAnchor.sol";
import {RollupLensStats} from "./rollup/RollupLensStats.sol";
import {RollupQueue} from "./rollup/RollupQueue.sol";
import {Signing} from "./support/Signing.sol";

/// The fixture with the older interface does what that interface says.
contract RollupTest is Signing {
    uint256 private constant ATTESTOR_KEY = 0xA11CE;
    address private immutable attestor = vm.addr(ATTESTOR_KEY);
    RollupLensStats private stats;
    bytes[] private none;

    function setUp() public {
        stats = new RollupLensStats(address(this), attestor);
    }

    function list(bytes memory a) private pure returns (bytes[] memory items) {
        items = new bytes[](1);
        items[0] = a;
    }

    function list(bytes memory a, bytes memory b) private pure returns (bytes[] memory items) {
        items = new bytes[](2);
        (items[0], items[1]) = (a, b);
    }

    function reply(uint256 kind, uint256 id, uint256 value) private pure returns (bytes memory) {
        return bytes.concat(hex"00", abi.encode(kind, id, value));
    }

    function head(uint32 target) private pure returns (bytes memory) {
        return bytes.concat(hex"01", abi.encode(target));
    }

    function act(bytes[] memory actions) private {
        vm.prank(attestor);
        check(stats.rollupU256CondEq(none, none, none, none, actions), "it did not say true");
    }

    function actFails(bytes memory action, bytes memory reason) private {
        vm.prank(attestor);
        vm.expectRevert(reason);
        stats.rollupU256CondEq(none, none, none, none, list(action));
    }

    function test_requests_are_queued() public {
        equal(stats.queueGetPrefix(), "q/");
        equal(stats.queueGetUint("_tail"), 0);
        vm.expectEmit(address(stats));
        emit RollupQueue.MessageQueued(0, abi.encode(1, "0x01"));
        equal(stats.request("0x01"), 1);
        stats.request("0x02");
        equal(stats.getStorage("q/_tail"), abi.encode(2));
        equal(stats.getStorage("q/_head"), "");
        equal(stats.getStorage(bytes.concat("q/", abi.encode(uint32(1)))), abi.encode(2, "0x02"));
        equal(stats.queueGetBytes(abi.encode(uint32(0))), abi.encode(1, "0x01"));
    }

    function test_replies_reach_the_consumer_and_the_queue_moves() public {
        stats.request("0x01");
        stats.request("0x02");
        vm.expectEmit(address(stats));
        emit RollupQueue.MessageProcessedTo(1);
        vm.expectEmit(address(stats));
        emit LensAnswers.StatsReceived(1, "0x01", 31_337);
        act(list(head(1), reply(0, 1, 31_337)));
        equal(stats.queueGetUint("_head"), 1);
        equal(stats.queueGetBytes(abi.encode(uint32(0))), "");
        vm.expectEmit(address(stats));
        emit LensAnswers.StatsFailed(2, "0x02", 1);
        act(list(head(2), reply(2, 2, 1)));
        (bool settled, bool ok,, uint256 value) = stats.answers(2);
        check(settled && !ok && value == 1, "another answer");
    }

    function test_conditions_and_updates() public {
        bytes[] memory keys = list("a:ver", "b:ver");
        vm.startPrank(attestor);
        stats.rollupU256CondEq(keys, list("", abi.encode(0)), keys, list(abi.encode(1), abi.encode(2)), none);
        equal(stats.getStorage("b:ver"), abi.encode(2));
        vm.expectRevert(abi.encodeWithSelector(PhatRollupAnchor.CondNotMet.selector, bytes("b:ver"), 1, 2));
        stats.rollupU256CondEq(keys, list(abi.encode(1), abi.encode(1)), keys, list("", ""), none);
        stats.rollupU256CondEq(keys, list(abi.encode(1), abi.encode(2)), keys, list("", ""), none);
        equal(stats.getStorage("a:ver"), "");
        vm.expectRevert(abi.encodeWithSelector(PhatRollupAnchor.BadCondLen.selector, 2, 0));
        stats.rollupU256CondEq(keys, none, none, none, none);
        vm.expectRevert(abi.encodeWithSelector(PhatRollupAnchor.BadUpdateLen.selector, 0, 2));
        stats.rollupU256CondEq(none, none, none, keys, none);
        vm.stopPrank();
    }

    function test_actions() public {
        bytes4 cannotDecode = PhatRollupAnchor.CannotDecodeAction.selector;
        actFails(hex"02", abi.encodeWithSelector(PhatRollupAnchor.UnsupportedAction.selector, 2));
        actFails(hex"01", abi.encodeWithSelector(cannotDecode, 1));
        actFails(hex"0a00", abi.encodeWithSelector(cannotDecode, 10));
        actFails(hex"0b", abi.encodeWithSelector(cannotDecode, 11));
        actFails("", abi.encodeWithSelector(cannotDecode, 0));
        actFails(hex"00", abi.encodeWithSelector(RollupLensStats.MalformedReply.selector));
        actFails(head(1), abi.encodeWithSelector(RollupQueue.InvalidPopTarget.selector, 1, 0));
        bytes32 role = stats.ATTESTOR_ROLE();
        act(list(bytes.concat(hex"0a", abi.encode(address(this)))));
        check(stats.hasRole(role, address(this)), "not granted");
        act(list(bytes.concat(hex"0b", abi.encode(attestor))));
        check(!stats.hasRole(role, attestor), "not revoked");
        actFails(head(0), abi.encodeWithSelector(PhatRollupAnchor.BadAttestor.selector));
        stats.rollupU256CondEq(none, none, none, none, list(head(0)));
    }

    function test_only_numbers_below_2_to_the_32_are_taken() public {
        equal(stats.toUint32Strict(""), 0);
        equal(stats.toUint32Strict(abi.encode(type(uint32).max)), type(uint32).max);
        bytes[2] memory bad = [abi.encode(uint256(1) << 32), bytes(hex"01")];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(RollupQueue.Internal_toUint32Strict_outOfBounds.selector, bad[i]));
            stats.toUint32Strict(bad[i]);
        }
    }

    function test_meta_transactions() public {
        stats.request("0x01");
        bytes memory data = abi.encode(none, none, none, none, list(head(1), reply(0, 1, 5)));
        (MetaTransactions.ForwardRequest memory req, bytes32 digest) = stats.metaTxPrepare(attestor, data);
        bytes memory signature = signDigest(ATTESTOR_KEY, digest);
        check(stats.metaTxVerify(req, signature), "it does not verify");
        vm.expectEmit(address(stats));
        emit MetaTransactions.MetaTxDecoded();
        check(stats.metaTxRollupU256CondEq(req, signature), "it did not say true");
        equal(stats.metaTxGetNonce(attestor), 1);
        equal(stats.queueGetUint("_head"), 1);
        vm.expectRevert(abi.encodeWithSelector(MetaTransactions.NonceTooLow.selector, 0, 1));
        stats.metaTxRollupU256CondEq(req, signature);
        req.nonce = 1;
        vm.expectRevert(abi.encodeWithSelector(MetaTransactions.MetaTxSignatureNotMatch.selector));
        stats.metaTxRollupU256CondEq(req, signature);
        (req, digest) = stats.metaTxPrepare(vm.addr(7), data);
        signature = signDigest(7, digest);
        vm.expectRevert(abi.encodeWithSelector(PhatRollupAnchor.BadAttestor.selector));
        stats.metaTxRollupU256CondEq(req, signature);
    }
}
