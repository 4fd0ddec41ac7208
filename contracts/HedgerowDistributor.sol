// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What this contract needs of an ERC-20 token. `transfer` may also return nothing, as some tokens do.
interface IERC20 {
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
}

/// @title Pays out what the regions of a Hedgerow network owe, by cumulative Merkle roots.
/// @notice Once an epoch, coordinators agree on a root over what every payee has had to get in all, and k of n of them sign it. Anybody
/// may then claim for a payee: the contract pays what the root says less what it has paid that payee before. So nothing is paid twice,
/// epochs that nobody claimed add up, and an old root stays valid: it can only pay less.
///
/// Whoever can post a root can spend what is in here, so what a root can do is bounded four times over: k keys must sign it; its total
/// may grow by `epochCap` at most, once a period; it counts only after `delaySeconds`, during which the guardian may cancel it; and it
/// can never pay out more than its signed total, whatever its leaves say.
///
/// @dev A leaf is `keccak256(keccak256(abi.encode(block.chainid, this, payee, cumulative)))` in the tree of OpenZeppelin's
/// `StandardMerkleTree` with the types `['uint256', 'address', 'address', 'uint256']`. Being hashed twice, no leaf is an inner node
/// and no inner node a leaf; naming chain and contract, it is worth nothing anywhere else.
///
/// Not for tokens that take a fee from what is sent: the payee gets less than was booked, and when the sender pays the fee the last
/// to claim find too little. Nor for tokens whose balances shrink. Such a token harms its own payees only.
contract HedgerowDistributor {
    /// @notice The coordinators that sign, and what bounds them. Changed as a whole, by their own signatures and after the delay.
    struct Council {
        /// @notice Ascending, without repeats.
        address[] signers;
        /// @notice How many of them must sign.
        uint256 threshold;
        /// @notice May cancel what has been posted and does not count yet. Can do nothing else. Better several people than one.
        address guardian;
        /// @notice How much the total may grow from one root to the next, in base units of the token.
        uint128 epochCap;
    }

    struct Root {
        uint64 epoch;
        /// @notice From this second on claims may name it. Zero: there is no such root.
        uint64 usableAt;
        /// @notice What all payees together have had to get, in base units.
        uint128 total;
        /// @notice The root posted before it, and zero before the first.
        bytes32 previous;
    }

    struct Claim {
        address payee;
        uint256 cumulative;
        bytes32[] proof;
    }

    /// @notice More signers than this would make a post needlessly dear.
    uint256 public constant SIGNERS_MAX = 32;
    uint64 public constant DELAY_SECONDS_MAX = 30 days;

    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant ROOT_TYPE = keccak256("PayoutRoot(bytes32 root,uint64 epoch,uint128 total)");
    bytes32 private constant COUNCIL_TYPE =
        keccak256("Council(address[] signers,uint256 threshold,address guardian,uint128 epochCap,uint256 nonce)");
    bytes32 private constant NAME_HASH = keccak256("HedgerowDistributor");
    bytes32 private constant VERSION_HASH = keccak256("1");
    /// @dev Half the order of secp256k1. Of the two signatures that fit a message and a key, only the one with the low s counts.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice What is paid out.
    IERC20 public immutable token;
    /// @notice Length of an epoch. Epoch n begins at second n * epochSeconds, as the coordinators count.
    uint64 public immutable epochSeconds;
    /// @notice How long a root, or a new council, waits before it counts.
    uint64 public immutable delaySeconds;

    uint256 public threshold;
    address public guardian;
    uint128 public epochCap;
    mapping(address account => bool) public isSigner;
    address[] private _signers;

    /// @notice Number of the next change of the council, so that no set of signatures changes it twice.
    uint256 public councilNonce;
    /// @notice The council that waits, as its EIP-712 hash, and from when on it may be installed. Zero: none.
    bytes32 public pendingCouncil;
    uint64 public pendingCouncilAt;

    /// @notice Epoch of the newest root ever posted, even when it was cancelled, so that no set of signatures posts a root twice.
    uint64 public lastEpoch;
    /// @notice Period in which it was posted. One root a period, so that the cap bounds what can be lost in a given time.
    uint64 public lastPeriod;
    /// @notice The newest root that was not cancelled.
    bytes32 public latestRoot;
    mapping(bytes32 root => Root) public roots;

    /// @notice What each payee has been paid in all.
    mapping(address payee => uint256) public claimed;
    /// @notice What all payees together have been paid.
    uint256 public paid;
    /// @notice The largest total of the roots that claims have named. `paid` never passes it.
    uint256 public ceiling;

    bool private transient _entered;

    event RootPosted(bytes32 indexed root, uint64 indexed epoch, uint128 total, uint64 usableAt);
    event RootCancelled(bytes32 indexed root, uint64 indexed epoch);
    event Claimed(address indexed payee, uint256 amount, uint256 cumulative, bytes32 indexed root);
    event CouncilProposed(bytes32 indexed council, uint256 nonce, uint64 usableAt);
    event CouncilCancelled(bytes32 indexed council);
    event CouncilInstalled(address[] signers, uint256 threshold, address guardian, uint128 epochCap);

    error NotAToken(address token);
    error BadTimes(uint64 epochSeconds, uint64 delaySeconds);
    error BadCouncil(string reason);
    error TooFewSignatures(uint256 given, uint256 needed);
    error BadSignature(uint256 index);
    error NotASigner(address account);
    /// @notice Signatures come in ascending order of their signers' addresses, each signer once.
    error SignersNotAscending(address signer);
    error BadRoot();
    error RootExists(bytes32 root);
    error EpochNotNew(uint64 epoch, uint64 lastEpoch);
    error EpochNotOver(uint64 epoch);
    error PeriodUsed(uint64 period);
    error TotalNotGrown(uint128 total, uint128 before);
    error CapExceeded(uint256 growth, uint256 cap);
    error NotFunded(uint256 total, uint256 funded);
    error NotTheGuardian(address account);
    error UnknownRoot(bytes32 root);
    error RootNotUsable(bytes32 root, uint64 usableAt);
    error RootInEffect(bytes32 root, uint64 usableAt);
    error NoPendingCouncil();
    error AnotherCouncilPending(bytes32 council);
    error CouncilNotUsable(uint64 usableAt);
    error BadProof(address payee);
    error BadPayee(address payee);
    error NothingToClaim(address payee);
    error TotalExceeded(uint256 paid, uint256 ceiling);
    error TransferFailed(address to, uint256 amount);
    error Reentered();

    modifier nonReentrant() {
        if (_entered) revert Reentered();
        _entered = true;
        _;
        _entered = false;
    }

    modifier onlyGuardian() {
        if (msg.sender != guardian) revert NotTheGuardian(msg.sender);
        _;
    }

    /// @param token_ What is paid out; fund the contract by sending it here.
    /// @param council The first council.
    /// @param epochSeconds_ Length of an epoch, the same as the coordinators'.
    /// @param delaySeconds_ How long a root waits before it counts, 1 second to 30 days. A day leaves a guardian time to look.
    constructor(IERC20 token_, Council memory council, uint64 epochSeconds_, uint64 delaySeconds_) {
        if (address(token_).code.length == 0) revert NotAToken(address(token_));
        if (epochSeconds_ == 0 || delaySeconds_ == 0 || delaySeconds_ > DELAY_SECONDS_MAX) {
            revert BadTimes(epochSeconds_, delaySeconds_);
        }
        token = token_;
        epochSeconds = epochSeconds_;
        delaySeconds = delaySeconds_;
        _install(council);
    }

    // ----- roots ---------------------------------------------------------------------------------------------------------

    /// @notice Posts the root of an epoch. Anybody may send it; the signatures are the right.
    /// @param root Of the tree over what every payee has had to get in all.
    /// @param epoch Which is over, and newer than that of any root before.
    /// @param total The sum of the leaves' amounts: more than before, by `epochCap` at most, and no more than was ever funded.
    /// @param signatures Of at least `threshold` signers over `PayoutRoot`, by ascending address; r, s and v, 65 bytes each.
    function postRoot(bytes32 root, uint64 epoch, uint128 total, bytes[] calldata signatures) external nonReentrant {
        if (root == 0) revert BadRoot();
        if (roots[root].usableAt != 0) revert RootExists(root);
        uint64 period = uint64(block.timestamp) / epochSeconds;
        if (epoch >= period) revert EpochNotOver(epoch);
        if (epoch <= lastEpoch) revert EpochNotNew(epoch, lastEpoch);
        if (period <= lastPeriod) revert PeriodUsed(period);
        uint128 before = roots[latestRoot].total;
        if (total <= before) revert TotalNotGrown(total, before);
        if (total - before > epochCap) revert CapExceeded(total - before, epochCap);
        if (total > funded()) revert NotFunded(total, funded());
        _checkSignatures(keccak256(abi.encode(ROOT_TYPE, root, epoch, total)), signatures);

        uint64 usableAt = uint64(block.timestamp) + delaySeconds;
        roots[root] = Root({epoch: epoch, usableAt: usableAt, total: total, previous: latestRoot});
        latestRoot = root;
        lastEpoch = epoch;
        lastPeriod = period;
        emit RootPosted(root, epoch, total, usableAt);
    }

    /// @notice Cancels a root that does not count yet, and those posted after it, whose totals were built on its.
    /// @dev They are few: a root stays cancellable for `delaySeconds`, and there is one a period.
    function cancelRoot(bytes32 root) external onlyGuardian {
        uint64 usableAt = roots[root].usableAt;
        if (usableAt == 0) revert UnknownRoot(root);
        if (block.timestamp >= usableAt) revert RootInEffect(root, usableAt);
        bool found;
        while (!found) {
            bytes32 last = latestRoot;
            found = last == root;
            latestRoot = roots[last].previous;
            emit RootCancelled(last, roots[last].epoch);
            delete roots[last];
        }
    }

    // ----- claims --------------------------------------------------------------------------------------------------------

    /// @notice Pays a payee what the root says less what it has had. Anybody may send this; the money goes to the payee.
    /// @param payee To whom.
    /// @param cumulative What the root says the payee has had to get in all.
    /// @param root Any that counts, not only the newest.
    /// @param proof The leaf's siblings, from the leaf up.
    /// @return amount What was paid.
    function claim(address payee, uint256 cumulative, bytes32 root, bytes32[] calldata proof)
        external
        nonReentrant
        returns (uint256 amount)
    {
        _open(root);
        _checkLeaf(payee, cumulative, root, proof);
        amount = _pay(payee, cumulative, root);
        if (amount == 0) revert NothingToClaim(payee);
    }

    /// @notice Pays many at once. Who has nothing to get is passed over, so that a claim sent a moment before spoils nothing.
    function claimMany(Claim[] calldata claims, bytes32 root) external nonReentrant returns (uint256 amount) {
        _open(root);
        for (uint256 i = 0; i < claims.length; i++) {
            _checkLeaf(claims[i].payee, claims[i].cumulative, root, claims[i].proof);
            amount += _pay(claims[i].payee, claims[i].cumulative, root);
        }
    }

    /// @notice All that was ever put in here: what is here, and what has been paid.
    function funded() public view returns (uint256) {
        return token.balanceOf(address(this)) + paid;
    }

    // ----- council -------------------------------------------------------------------------------------------------------

    /// @notice Who may sign, by ascending address.
    function signers() external view returns (address[] memory) {
        return _signers;
    }

    /// @notice What signers sign is bound to this chain and this contract.
    function domainSeparator() public view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPE, NAME_HASH, VERSION_HASH, block.chainid, address(this)));
    }

    /// @notice Proposes another council. It must be one that could be installed. The guardian may cancel it during the delay.
    /// @param council All of it, also what stays.
    /// @param signatures Of at least `threshold` signers over `Council` with the number `councilNonce`.
    function proposeCouncil(Council calldata council, bytes[] calldata signatures) external {
        if (pendingCouncil != 0) revert AnotherCouncilPending(pendingCouncil);
        _checkCouncil(council);
        bytes32 hash = _councilHash(council, councilNonce);
        _checkSignatures(hash, signatures);
        pendingCouncil = hash;
        pendingCouncilAt = uint64(block.timestamp) + delaySeconds;
        emit CouncilProposed(hash, councilNonce, pendingCouncilAt);
        councilNonce++;
    }

    /// @notice Cancels the council that waits.
    function cancelCouncil() external onlyGuardian {
        if (pendingCouncil == 0) revert NoPendingCouncil();
        emit CouncilCancelled(pendingCouncil);
        pendingCouncil = 0;
        pendingCouncilAt = 0;
    }

    /// @notice Installs the council that has waited. Anybody may send this. Roots that were posted before stay as they are.
    function installCouncil(Council calldata council) external {
        if (pendingCouncil == 0 || _councilHash(council, councilNonce - 1) != pendingCouncil) revert NoPendingCouncil();
        if (block.timestamp < pendingCouncilAt) revert CouncilNotUsable(pendingCouncilAt);
        for (uint256 i = 0; i < _signers.length; i++) isSigner[_signers[i]] = false;
        pendingCouncil = 0;
        pendingCouncilAt = 0;
        _install(council);
    }

    // ----- inside --------------------------------------------------------------------------------------------------------

    /// @dev Checks that claims may name this root, and raises the ceiling to its total.
    function _open(bytes32 root) private {
        Root storage row = roots[root];
        if (row.usableAt == 0) revert UnknownRoot(root);
        if (block.timestamp < row.usableAt) revert RootNotUsable(root, row.usableAt);
        if (row.total > ceiling) ceiling = row.total;
    }

    function _checkLeaf(address payee, uint256 cumulative, bytes32 root, bytes32[] calldata proof) private view {
        bytes32 node =
            keccak256(bytes.concat(keccak256(abi.encode(block.chainid, address(this), payee, cumulative))));
        for (uint256 i = 0; i < proof.length; i++) {
            bytes32 sibling = proof[i];
            node = node < sibling ? keccak256(abi.encode(node, sibling)) : keccak256(abi.encode(sibling, node));
        }
        if (node != root) revert BadProof(payee);
    }

    /// @dev Books first and sends last: a token that calls back finds everything done.
    function _pay(address payee, uint256 cumulative, bytes32 root) private returns (uint256 amount) {
        uint256 before = claimed[payee];
        if (cumulative <= before) return 0;
        // Money that stays here would count as funded twice.
        if (payee == address(this)) revert BadPayee(payee);
        amount = cumulative - before;
        claimed[payee] = cumulative;
        paid += amount;
        // Leaves that sum to more than the signed total must not pay more than it.
        if (paid > ceiling) revert TotalExceeded(paid, ceiling);
        emit Claimed(payee, amount, cumulative, root);
        (bool ok, bytes memory reply) = address(token).call(abi.encodeCall(IERC20.transfer, (payee, amount)));
        if (!ok || (reply.length > 0 && (reply.length < 32 || abi.decode(reply, (uint256)) != 1))) {
            revert TransferFailed(payee, amount);
        }
    }

    function _checkSignatures(bytes32 structHash, bytes[] calldata signatures) private view {
        if (signatures.length < threshold) revert TooFewSignatures(signatures.length, threshold);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash));
        address last = address(0);
        for (uint256 i = 0; i < signatures.length; i++) {
            address signer = _recover(digest, signatures[i], i);
            if (signer <= last) revert SignersNotAscending(signer);
            if (!isSigner[signer]) revert NotASigner(signer);
            last = signer;
        }
    }

    function _recover(bytes32 digest, bytes calldata signature, uint256 index) private pure returns (address signer) {
        if (signature.length != 65) revert BadSignature(index);
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        uint8 v = uint8(signature[64]);
        if (uint256(s) > HALF_ORDER || (v != 27 && v != 28)) revert BadSignature(index);
        signer = ecrecover(digest, v, r, s);
        if (signer == address(0)) revert BadSignature(index);
    }

    function _councilHash(Council calldata council, uint256 nonce) private pure returns (bytes32) {
        bytes32 signersHash = keccak256(abi.encodePacked(council.signers));
        return keccak256(
            abi.encode(COUNCIL_TYPE, signersHash, council.threshold, council.guardian, council.epochCap, nonce)
        );
    }

    function _checkCouncil(Council memory council) private pure {
        uint256 count = council.signers.length;
        if (count == 0 || count > SIGNERS_MAX) revert BadCouncil("1 to 32 signers");
        if (council.threshold == 0 || council.threshold > count) revert BadCouncil("threshold of 1 to all signers");
        if (council.guardian == address(0)) revert BadCouncil("no guardian");
        if (council.epochCap == 0) revert BadCouncil("a cap above zero");
        address last = address(0);
        for (uint256 i = 0; i < count; i++) {
            if (council.signers[i] <= last) revert BadCouncil("signers ascend from above zero");
            last = council.signers[i];
        }
    }

    function _install(Council memory council) private {
        _checkCouncil(council);
        for (uint256 i = 0; i < council.signers.length; i++) isSigner[council.signers[i]] = true;
        _signers = council.signers;
        threshold = council.threshold;
        guardian = council.guardian;
        epochCap = council.epochCap;
        emit CouncilInstalled(council.signers, council.threshold, council.guardian, council.epochCap);
    }
}
