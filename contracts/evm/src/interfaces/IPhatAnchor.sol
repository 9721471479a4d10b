// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchorErrors} from "./IPhatAnchorErrors.sol";

/// @title What every anchor has: one that a consumer inherits, and the shared one
/// @notice Workers and relayers speak to both in the same way. At an inherited anchor, `consumer` is the anchor's own
/// address wherever it is asked for.
interface IPhatAnchor is IPhatAnchorErrors {
    /// @notice What has become of a request id: never given out; waiting for its outcome; answered, and the callback done;
    /// answered, but the callback failed and can be retried; past its deadline without an answer.
    enum Status {
        None,
        Open,
        Settled,
        CallbackFailed,
        Expired
    }

    /// @notice A key that the run has read.
    /// @param key The keccak256 hash of the key's bytes.
    /// @param version The version the run saw; 0 when the key had never been written.
    struct Read {
        bytes32 key;
        uint64 version;
    }

    /// @notice A key that the outcome writes. Each write raises the key's version by 1.
    /// @param key The keccak256 hash of the key's bytes.
    /// @param value The new value; empty deletes the old one, while the version still rises.
    struct Write {
        bytes32 key;
        bytes value;
    }

    /// @notice What a run of the Phat Contract came to; this is what attestors sign.
    /// @param requestId The request that is answered; 0 when nobody asked, and a schedule, a log or a call over HTTP made
    /// the Phat Contract run. Then the first read and the first write have to be of the same key, the guard: the write
    /// raises the version that the read names, so that the outcome settles once.
    /// @param consumer The consumer whose request it is, or to which the outcome goes.
    /// @param commitment What was asked, by whom and on which terms: {commitmentOf} the request. When nobody asked, the id
    /// of what made the Phat Contract run, which the anchor only passes on.
    /// @param success Whether the run ended with an output. When false, `output` is UTF-8 text "code: message".
    /// @param output The bytes handed to the consumer.
    /// @param reads The keys the run depends on, each with the version it saw.
    /// @param writes The changes to the consumer's key-value store, in order.
    struct Outcome {
        uint256 requestId;
        address consumer;
        bytes32 commitment;
        bool success;
        bytes output;
        Read[] reads;
        Write[] writes;
    }

    /// @notice What an attestor set may do, whoever holds its keys.
    /// @param validUntil The last second in which the set settles, since 1970; 0 for no end.
    /// @param settlementsPerHourMax The most settlements in an hour of the clock; 0 for no bound.
    /// @param mayWrite Whether outcomes may write the key-value store.
    /// @param mayRotate Whether the set may replace itself by {rotate}.
    struct Bounds {
        uint40 validUntil;
        uint24 settlementsPerHourMax;
        bool mayWrite;
        bool mayRotate;
    }

    /// @notice A request was made and waits for its outcome.
    /// @param id The request's id; each consumer's ids count from 1.
    /// @param consumer The contract that is called back.
    /// @param requester The account on whose behalf the consumer asks, to which an expired request's fee returns.
    /// @param input The bytes given to the Phat Contract.
    /// @param fee What the relayer is credited with, in wei.
    /// @param expiresAt The last second in which the request can be settled, since 1970; 0 for no end.
    event Requested(
        uint256 indexed id,
        address indexed consumer,
        address indexed requester,
        bytes input,
        uint96 fee,
        uint40 expiresAt
    );

    /// @notice A request was settled; this happens once for each request.
    /// @param id The request's id.
    /// @param consumer The consumer whose request it is.
    /// @param relayer The account that brought the signed outcome.
    /// @param success Whether the run ended with an output.
    /// @param delivered Whether the callback succeeded. When not, {CallbackFailed} tells more.
    event Settled(uint256 indexed id, address indexed consumer, address indexed relayer, bool success, bool delivered);

    /// @notice An outcome that nobody asked for was settled.
    /// @param firing The id of what made the Phat Contract run, as the outcome's `commitment` has it.
    /// @param consumer The consumer that it goes to.
    /// @param relayer The account that brought the signed outcome.
    /// @param success Whether the run ended with an output.
    /// @param delivered Whether the callback succeeded. When not, the writes stand all the same, and the consumer has
    /// refused the outcome, which {PushRefused} tells more of.
    event Pushed(
        bytes32 indexed firing, address indexed consumer, address indexed relayer, bool success, bool delivered
    );

    /// @notice A callback failed; its outcome is kept by its hash, and {retry} brings it again.
    /// @param id The request's id.
    /// @param consumer The consumer that was called.
    /// @param reason The beginning of what it reverted with.
    event CallbackFailed(uint256 indexed id, address indexed consumer, bytes reason);

    /// @notice A callback that had failed was made up for.
    /// @param id The request's id.
    /// @param consumer The consumer that was called.
    event Retried(uint256 indexed id, address indexed consumer);

    /// @notice A consumer has refused an outcome that nobody asked for, or has no function for it; the outcome is kept by
    /// its hash, and {retryPush} brings it again until the attestor set is changed. Of two refused ones of the same firing,
    /// the later is kept.
    /// @param firing The id of what made the Phat Contract run.
    /// @param consumer The consumer that was called.
    /// @param reason The beginning of what it reverted with.
    event PushRefused(bytes32 indexed firing, address indexed consumer, bytes reason);

    /// @notice A consumer has taken an outcome that it had refused.
    /// @param firing The id of what made the Phat Contract run.
    /// @param consumer The consumer that was called.
    event PushRetried(bytes32 indexed firing, address indexed consumer);

    /// @notice A batch passed an outcome over.
    /// @param id The request's id; 0 when nobody asked.
    /// @param consumer The consumer named by the outcome.
    /// @param reason What {settle} would have reverted with: an error of {IPhatAnchorErrors}, encoded.
    event OutcomeRefused(uint256 indexed id, address indexed consumer, bytes reason);

    /// @notice A request ended without an outcome, and its fee was credited to the requester.
    /// @param id The request's id.
    /// @param consumer The consumer whose request it was.
    /// @param requester The account that was credited.
    /// @param fee The refund in wei.
    event RequestExpired(uint256 indexed id, address indexed consumer, address indexed requester, uint96 fee);

    /// @notice A key of a consumer's key-value store was written or deleted.
    /// @param consumer The consumer whose store it is.
    /// @param key The keccak256 hash of the key's bytes.
    /// @param version The key's version from now on.
    event KeyWritten(address indexed consumer, bytes32 indexed key, uint64 version);

    /// @notice A consumer's attestor set was changed, by its owner or by itself.
    /// @param consumer The consumer.
    /// @param epoch The number of changes so far; a rotation names the one it follows.
    /// @param threshold How many of the attestors have to sign.
    /// @param attestors The addresses of the signing keys.
    event AttestorsSet(address indexed consumer, uint256 epoch, uint256 threshold, address[] attestors);

    /// @notice The bounds of a consumer's attestor set were changed.
    event BoundsSet(address indexed consumer, Bounds bounds);

    /// @notice A consumer's callback gas was changed.
    event CallbackGasSet(address indexed consumer, uint256 callbackGas);

    /// @notice An account has taken its credit.
    /// @param account The account that was owed.
    /// @param to Where the payment went.
    /// @param amount What was paid, in wei.
    event Claimed(address indexed account, address indexed to, uint256 amount);

    /// @notice Settles an open request, or an outcome that nobody asked for: writes the outcome's changes, credits the fee
    /// to the caller and calls the consumer back. Reverts with an error of {IPhatAnchorErrors} when the outcome cannot be
    /// taken.
    /// @param outcome What the run came to.
    /// @param signatures As many EIP-712 signatures of `outcome` as the threshold says, 65 bytes r ‖ s ‖ v each with s in
    /// the lower half, one after the other, ordered by the rising address of their signers.
    function settle(Outcome calldata outcome, bytes calldata signatures) external;

    /// @notice Settles many outcomes. What cannot be settled is passed over with {OutcomeRefused}, and the rest settles.
    /// @param outcomes What the runs came to, at most {BATCH_MAX}.
    /// @param signatures For each outcome what {settle} takes.
    /// @return refusals For each outcome the encoded error it was passed over with; empty where it was settled.
    function settleBatch(Outcome[] calldata outcomes, bytes[] calldata signatures)
        external
        returns (bytes[] memory refusals);

    /// @notice Calls a consumer back again whose callback has failed, with the outcome that the request was settled with.
    /// Anyone may do so. The callback gets at least {CALLBACK_GAS_MAX}, whatever {setCallbackGas} says, and all the gas of
    /// the transaction beyond; with less, this reverts. It reverts as well when the callback fails again.
    /// @param consumer The consumer.
    /// @param id The request's id.
    /// @param success What the outcome says.
    /// @param output What the outcome says.
    function retry(address consumer, uint256 id, bool success, bytes calldata output) external;

    /// @notice Calls a consumer back again that has refused an outcome that nobody asked for, see {PushRefused}. Anyone may
    /// do so; the gas is as for {retry}. Later ones may have come meanwhile. It reverts when the consumer refuses again.
    /// @param consumer The consumer.
    /// @param firing The id of what made the Phat Contract run.
    /// @param success What the outcome says.
    /// @param output What the outcome says.
    function retryPush(address consumer, bytes32 firing, bool success, bytes calldata output) external;

    /// @notice Ends a request that is past its deadline, and credits its fee to the requester. Anyone may do so.
    /// @param consumer The consumer.
    /// @param id The request's id.
    /// @param requester The requester, as {Requested} told it.
    /// @param inputHash The keccak256 hash of the input, as {Requested} told it.
    function expire(address consumer, uint256 id, address requester, bytes32 inputHash) external;

    /// @notice Pays the caller's credit, from fees and refunds.
    /// @param to Where the payment goes.
    /// @return amount What was paid, in wei.
    function claim(address payable to) external returns (uint256 amount);

    /// @notice Replaces a consumer's attestor set; only its owner may, at the shared anchor also the consumer itself.
    /// @param consumer The consumer.
    /// @param threshold How many of the attestors have to sign; at least 1.
    /// @param attestors The addresses of the signing keys, at most {ATTESTORS_MAX}; none while there is no Phat Contract.
    function setAttestors(address consumer, uint256 threshold, address[] calldata attestors) external;

    /// @notice Bounds what a consumer's attestor set may do; only its owner may, at the shared anchor also the consumer.
    function setBounds(address consumer, Bounds calldata bounds) external;

    /// @notice Sets the gas that each callback of a consumer gets; only its owner may, at the shared anchor also the
    /// consumer.
    /// @param consumer The consumer.
    /// @param callbackGas Between 1 and {CALLBACK_GAS_MAX}.
    function setCallbackGas(address consumer, uint256 callbackGas) external;

    /// @notice Replaces an attestor set by the will of the set itself. Anyone may bring the signatures.
    /// @param consumer The consumer.
    /// @param epoch The present epoch, see {quorumOf}.
    /// @param threshold How many of the new attestors have to sign; not below the present threshold.
    /// @param attestors The new attestors.
    /// @param signatures Signatures of {rotationDigest} by the present set, as {settle} takes them.
    function rotate(
        address consumer,
        uint256 epoch,
        uint256 threshold,
        address[] calldata attestors,
        bytes calldata signatures
    ) external;

    /// @notice What has become of a request. One past its deadline reads as expired whether or not {expire} was called.
    function status(address consumer, uint256 id) external view returns (Status);

    /// @notice The number of requests that a consumer has made, which is the id of the latest.
    function requestCount(address consumer) external view returns (uint256);

    /// @notice Reads a consumer's key-value store.
    /// @param consumer The consumer.
    /// @param key The keccak256 hash of the key's bytes.
    /// @return value The value; empty when the key was deleted or never written.
    /// @return version How often the key was written.
    function getValue(address consumer, bytes32 key) external view returns (bytes memory value, uint64 version);

    /// @notice A consumer's attestor set.
    /// @return threshold How many of the attestors have to sign; 0 for a consumer that the anchor does not know.
    /// @return attestors The addresses of the signing keys.
    /// @return epoch The number of changes of the set so far.
    /// @return bounds What the set may do.
    function quorumOf(address consumer)
        external
        view
        returns (uint256 threshold, address[] memory attestors, uint256 epoch, Bounds memory bounds);

    /// @notice The gas that each callback of a consumer gets.
    function callbackGasOf(address consumer) external view returns (uint256);

    /// @notice What an account can {claim}, in wei.
    function creditOf(address account) external view returns (uint256);

    /// @notice What binds an outcome to a request:
    /// keccak256(abi.encode(consumer, requester, keccak256(input), fee, expiresAt)).
    function commitmentOf(address consumer, address requester, bytes calldata input, uint96 fee, uint40 expiresAt)
        external
        pure
        returns (bytes32);

    /// @notice The EIP-712 digest that attestors sign: domain "PhatAnchor" version "1", this chain, this contract; type
    /// Outcome(uint256 requestId,address consumer,bytes32 commitment,bool success,bytes output,Read[] reads,Write[]
    /// writes)Read(bytes32 key,uint64 version)Write(bytes32 key,bytes value), without the line break.
    function outcomeDigest(Outcome calldata outcome) external view returns (bytes32);

    /// @notice The EIP-712 digest that the present attestors sign to be replaced: the same domain, type
    /// Rotation(address consumer,uint256 epoch,uint256 threshold,address[] attestors).
    function rotationDigest(address consumer, uint256 epoch, uint256 threshold, address[] calldata attestors)
        external
        view
        returns (bytes32);
}
