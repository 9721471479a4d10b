// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatHub} from "../../src/PhatHub.sol";
import {IPhatAnchor} from "../../src/interfaces/IPhatAnchor.sol";
import {InheritedRecorder, Recorder, SharedRecorder} from "./Recorders.sol";
import {Signing} from "./Signing.sol";

/// @title Does to a consumer and its anchor whatever may be done to them, and remembers what should have come of it
/// @dev Arguments are random; each is cut down to one of few cases, so that they meet. One of three keys has to sign
/// twice; the set replaces itself, or is replaced by the owner.
contract Handler is Signing {
    uint256 public constant KEYS = 3;
    uint256 public constant ACCOUNTS = 3;
    uint256 private constant REQUESTS_MAX = 16;
    uint256 private constant SIGNERS = 4;
    uint256 private constant START = 1_800_000_000;
    address private constant OWNER = address(0x0111E5);

    enum Fate {
        None,
        Open,
        Settled,
        Failed,
        Expired
    }

    struct Made {
        Fate fate;
        address requester;
        bytes32 inputHash;
        uint96 fee;
        uint40 deadline;
        bool success;
        bytes output;
        bytes settlement;
    }

    IPhatAnchor public anchor;
    Recorder public consumer;
    mapping(uint256 => Made) private requests;
    mapping(uint256 => bool) private isAttestor;
    mapping(bytes32 => uint64) public writes;
    mapping(uint256 => uint256) public credits;
    uint256 public count;
    uint256 public feesOpen;
    uint256 public delivered;
    uint256 public pushed;
    uint256 private threshold = 2;
    bool private isWilling = true;

    constructor(bool isShared) {
        vm.warp(START);
        uint256[] memory signers = new uint256[](3);
        (signers[0], signers[1], signers[2]) = (0, 1, 2);
        if (isShared) {
            PhatHub hub = new PhatHub();
            (anchor, consumer) = (hub, new SharedRecorder(hub, OWNER, threshold, addressesOf(signers)));
        } else {
            InheritedRecorder made = new InheritedRecorder(OWNER, threshold, addressesOf(signers));
            (anchor, consumer) = (made, made);
        }
        vm.prank(OWNER);
        anchor.setBounds(address(consumer), IPhatAnchor.Bounds(0, 0, true, true));
        remember(signers);
    }

    function accountOf(uint256 index) public pure returns (address) {
        return address(uint160(0xAAAA00 + index % ACCOUNTS));
    }

    function fateOf(uint256 id) external view returns (Fate) {
        Fate fate = requests[id].fate;
        bool isOver = requests[id].deadline != 0 && block.timestamp > requests[id].deadline;
        return fate == Fate.Open && isOver ? Fate.Expired : fate;
    }

    function ask(uint8 who, bytes calldata input, uint8 fee, uint16 duration) external {
        if (count == REQUESTS_MAX) return;
        Made storage made = requests[++count];
        (made.fate, made.requester, made.inputHash) = (Fate.Open, accountOf(who), keccak256(input));
        if (duration % 4 != 0) {
            (made.fee, made.deadline) = (uint96(fee) * 1 gwei, uint40(block.timestamp + duration));
        }
        feesOpen += made.fee;
        vm.deal(made.requester, made.requester.balance + made.fee);
        vm.prank(made.requester);
        equal(consumer.askWithTerms{value: made.fee}(input, made.deadline), count);
    }

    /// @dev Signers may be strangers or dismissed, versions and commitments wrong now and then. The id 0 is of what nobody
    /// asked for: it settles when it touches a key.
    function settle(uint256 id, uint8 who, uint8 signerA, uint8 signerB, uint8 wrong, uint8[] calldata touched)
        external
    {
        id = id % (count + 2);
        IPhatAnchor.Outcome memory outcome = outcomeOf(id, wrong, touched);
        (bytes memory signatures, bool isQuorum) = signaturesOf(anchor.outcomeDigest(outcome), signerA, signerB);
        bool isRight = (wrong % 8 != 1 || outcome.reads.length == 0) && wrong % 8 != 2;
        bytes memory call = abi.encodeCall(IPhatAnchor.settle, (outcome, signatures));
        bool isOpen = this.fateOf(id) == Fate.Open;
        if (id == 0) (isOpen, isRight) = (outcome.reads.length != 0, wrong % 8 != 1);
        vm.prank(accountOf(who));
        (bool done,) = address(anchor).call(call);
        check(done == (isOpen && isQuorum && isRight), "settled, or not, against the rules");
        if (done) rememberSettled(id, who, outcome, call);
    }

    /// @dev Brings outcomes that were taken once more, with others that are to be taken.
    function settleBatch(uint256 from, uint8 who) external {
        from = from % (count + 1);
        uint256[3] memory ids = [from, (from + 1) % (count + 1), from];
        IPhatAnchor.Outcome[] memory outcomes = new IPhatAnchor.Outcome[](3);
        bytes[] memory signatures = new bytes[](3);
        bool[3] memory expected;
        (uint8 a, uint8 b) = pair();
        for (uint256 i = 0; i < 3; ++i) {
            outcomes[i] = outcomeOf(ids[i], 0, new uint8[](0));
            bool isQuorum;
            (signatures[i], isQuorum) = signaturesOf(anchor.outcomeDigest(outcomes[i]), a, b);
            bool isFirst = i != 2 && (i != 1 || ids[1] != ids[0]);
            expected[i] = this.fateOf(ids[i]) == Fate.Open && isQuorum && isFirst;
        }
        vm.prank(accountOf(who));
        bytes[] memory refusals = anchor.settleBatch(outcomes, signatures);
        for (uint256 i = 0; i < 3; ++i) {
            check((refusals[i].length == 0) == expected[i], "settled, or not, against the rules");
            if (!expected[i]) continue;
            bytes memory call = abi.encodeCall(IPhatAnchor.settle, (outcomes[i], signatures[i]));
            rememberSettled(ids[i], who, outcomes[i], call);
        }
    }

    function settleAgain(uint256 id) external {
        id = id % (count + 1);
        if (requests[id].settlement.length == 0) return;
        (bool done,) = address(anchor).call(requests[id].settlement);
        check(!done, "settled twice");
    }

    function retry(uint256 id, bool isSame) external {
        id = id % (count + 2);
        Made storage made = requests[id];
        bytes memory output = isSame ? made.output : bytes("something else");
        (bool done,) =
            address(anchor).call(abi.encodeCall(IPhatAnchor.retry, (address(consumer), id, made.success, output)));
        check(done == (made.fate == Fate.Failed && isSame && isWilling), "retried, or not, against the rules");
        if (!done) return;
        made.fate = Fate.Settled;
        ++delivered;
    }

    function expire(uint256 id, bool isSame) external {
        id = id % (count + 2);
        Made storage made = requests[id];
        bool isOver = made.fate == Fate.Open && made.deadline != 0 && block.timestamp > made.deadline;
        address to = isSame ? made.requester : address(this);
        (bool done,) =
            address(anchor).call(abi.encodeCall(IPhatAnchor.expire, (address(consumer), id, to, made.inputHash)));
        check(done == (isOver && isSame), "refunded, or not, against the rules");
        if (!done) return;
        made.fate = Fate.Expired;
        feesOpen -= made.fee;
        credits[uint160(to) - 0xAAAA00] += made.fee;
    }

    function claim(uint8 who) external {
        uint256 index = who % ACCOUNTS;
        address account = accountOf(index);
        uint256 before = account.balance;
        vm.prank(account);
        (bool done,) = address(anchor).call(abi.encodeCall(IPhatAnchor.claim, (payable(account))));
        check(done == (credits[index] != 0), "paid, or not, against the rules");
        equal(account.balance, before + credits[index]);
        credits[index] = 0;
    }

    /// @dev The owner always may, a quorum when it is one.
    function setAttestors(bool byOwner, uint8 without, uint8 signerA, uint8 signerB) external {
        uint256[] memory next = new uint256[](SIGNERS - 1);
        for (uint256 i = 0; i < next.length; ++i) {
            next[i] = (uint256(without) + 1 + i) % SIGNERS;
        }
        address[] memory attestors = addressesOf(next);
        if (byOwner) {
            vm.prank(OWNER);
            anchor.setAttestors(address(consumer), threshold, attestors);
        } else {
            (,, uint256 epoch,) = anchor.quorumOf(address(consumer));
            bytes32 digest = anchor.rotationDigest(address(consumer), epoch, threshold, attestors);
            (bytes memory signatures, bool isQuorum) = signaturesOf(digest, signerA, signerB);
            (bool done,) = address(anchor)
                .call(abi.encodeCall(IPhatAnchor.rotate, (address(consumer), epoch, threshold, attestors, signatures)));
            check(done == isQuorum, "replaced, or not, against the rules");
            if (!done) return;
        }
        remember(next);
    }

    function setMood(bool willing) external {
        isWilling = willing;
        consumer.setMood(willing ? Recorder.Mood.Content : Recorder.Mood.Refusing);
    }

    function wait_(uint16 duration) external {
        vm.warp(block.timestamp + duration);
    }

    function outcomeOf(uint256 id, uint8 wrong, uint8[] memory touched)
        private
        view
        returns (IPhatAnchor.Outcome memory outcome)
    {
        Made storage made = requests[id];
        (outcome.requestId, outcome.consumer, outcome.success) = (id, address(consumer), wrong % 2 == 0);
        outcome.output = abi.encode(id);
        outcome.commitment = keccak256(abi.encode(consumer, made.requester, made.inputHash, made.fee, made.deadline));
        if (wrong % 8 == 2) outcome.commitment = keccak256(abi.encode(outcome.commitment));
        uint256 length = touched.length % 4;
        outcome.reads = new IPhatAnchor.Read[](length);
        outcome.writes = new IPhatAnchor.Write[](length);
        for (uint256 i = 0; i < length; ++i) {
            bytes32 key = bytes32(touched[i] % KEYS);
            outcome.reads[i] = IPhatAnchor.Read(key, writes[key] + (wrong % 8 == 1 ? 1 : 0));
            outcome.writes[i] = IPhatAnchor.Write(key, new bytes(touched[i]));
        }
    }

    function signaturesOf(bytes32 digest, uint8 signerA, uint8 signerB)
        private
        view
        returns (bytes memory signatures, bool isQuorum)
    {
        (uint256 a, uint256 b) = (signerA % (SIGNERS + 1), signerB % (SIGNERS + 1));
        uint256[] memory keys = new uint256[](2);
        (keys[0], keys[1]) = (a + 1, b + 1);
        return (signAll(keys, digest), a != b && isAttestor[a] && isAttestor[b]);
    }

    /// @dev Two signers of the present set.
    function pair() private view returns (uint8 a, uint8 b) {
        while (!isAttestor[a]) ++a;
        b = a + 1;
        while (!isAttestor[b]) ++b;
    }

    function addressesOf(uint256[] memory signers) private pure returns (address[] memory list) {
        list = new address[](signers.length);
        for (uint256 i = 0; i < signers.length; ++i) {
            list[i] = vm.addr(signers[i] + 1);
        }
    }

    function remember(uint256[] memory signers) private {
        for (uint256 i = 0; i < SIGNERS; ++i) {
            isAttestor[i] = false;
        }
        for (uint256 i = 0; i < signers.length; ++i) {
            isAttestor[signers[i]] = true;
        }
    }

    function rememberSettled(uint256 id, uint8 who, IPhatAnchor.Outcome memory outcome, bytes memory call) private {
        for (uint256 i = 0; i < outcome.writes.length; ++i) {
            ++writes[outcome.writes[i].key];
        }
        Made storage made = requests[id];
        (made.success, made.output, made.settlement) = (outcome.success, outcome.output, call);
        if (id == 0) {
            if (isWilling) ++pushed;
            return;
        }
        made.fate = isWilling ? Fate.Settled : Fate.Failed;
        if (isWilling) ++delivered;
        feesOpen -= made.fee;
        credits[who % ACCOUNTS] += made.fee;
    }
}
